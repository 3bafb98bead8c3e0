/** What a hold covers, from what is typed and back into words (R156). */
import type { components } from "../../api/schema";
import { day } from "../../texts/format";
import { retention as texts } from "../../texts/retention";

export type HoldScope = components["schemas"]["HoldScope"];
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The ids in a text, one in a line or between spaces; `undefined` if something in it is none. */
export function idsOf(text: string): string[] | undefined {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  return words.every((word) => ID.test(word)) ? [...new Set(words)] : undefined;
}

export interface Typed {
  clients: string;
  charts: string;
  queries: boolean;
  author: string;
  from: string;
  to: string;
}

/** The scope that was typed; `undefined` if it covers nothing or cannot be read. */
export function scopeOf(typed: Typed) {
  const [clients, charts] = [idsOf(typed.clients), idsOf(typed.charts)];
  if (!clients || !charts) return undefined;
  const query = typed.queries
    ? {
        authors: typed.author ? [typed.author] : [],
        occurred_from: typed.from || null,
        occurred_to: typed.to || null,
      }
    : null;
  if (typed.from && typed.to && typed.from > typed.to) return undefined;
  return clients.length || charts.length || query ? { clients, charts, query } : undefined;
}

/** What a hold covers, in sentences. */
export function coverage(scope: HoldScope, client: string, nameOf: (id: string) => string): string[] {
  const { covers } = texts;
  const said: string[] = [];
  if (scope.clients?.length) said.push(covers.clients(scope.clients.length, client));
  if (scope.charts?.length) said.push(covers.charts(scope.charts.length));
  if (scope.records?.length) said.push(covers.records(scope.records.length));
  if (scope.spaces?.length) said.push(covers.spaces(scope.spaces.length));
  const query = scope.query;
  if (query) {
    const parts = [
      query.clients?.length ? covers.clientsOf(query.clients.length, client) : "",
      query.sections?.length ? covers.sections(query.sections.join(", ")) : "",
      query.authors?.length ? covers.authors(query.authors.map(nameOf).join(", ")) : "",
      query.occurred_from ? covers.from(day(query.occurred_from)) : "",
      query.occurred_to ? covers.to(day(query.occurred_to)) : "",
    ].filter(Boolean);
    said.push(`${covers.query} ${parts.join(", ") || covers.all}`);
  }
  return said;
}
