/** Where a trail comes from, and what of it is asked for. */
import { must } from "../../api/client";
import type { components, paths } from "../../api/schema";
import type { Kind, Outcome } from "../../texts/audit";
import { api } from "../session.svelte";

type Page = paths["/evidence"]["get"]["responses"][200]["content"]["application/json"];
export type Entry = Page["evidence"][number];

/** Whose trail it is. */
export type Of =
  | { kind: "record"; chart: string; record: string }
  | { kind: "client"; client: string }
  | { kind: "member"; member: string }
  | { kind: "organization" };

/** What is asked for, as the address of the page holds it; days are those of the organization. */
export interface Filters {
  kind?: Kind;
  outcome?: Outcome;
  /** `2026-11-26`, the first day. */
  from?: string;
  /** The last day. */
  to?: string;
  /** `2026-11`; of the organization's trail. */
  month?: string;
}

/** What is asked for, as the API takes it. */
export interface Asked {
  kind?: Kind;
  outcome?: Outcome;
  from?: string;
  to?: string;
  month?: string;
}

const OUTCOMES: string[] = ["succeeded", "denied", "failed"] satisfies components["schemas"]["Outcome"][];
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** Reads the filters out of an address; what makes no sense is left out. */
export function filtersOf(query: URLSearchParams, isKind: (name: string) => boolean): Filters {
  const fitting = (name: string, fits: (value: string) => boolean) => {
    const value = query.get(name);
    return value && fits(value) ? value : undefined;
  };
  return {
    kind: fitting("kind", isKind) as Kind | undefined,
    outcome: fitting("outcome", (value) => OUTCOMES.includes(value)) as Outcome | undefined,
    from: fitting("from", (value) => DAY.test(value)),
    to: fitting("to", (value) => DAY.test(value)),
    month: fitting("month", (value) => MONTH.test(value)),
  };
}

async function read(of: Of, asked: Asked, cursor?: string): Promise<Page> {
  const { month, ...rest } = asked;
  const query = { ...rest, limit: 100, cursor };
  switch (of.kind) {
    case "record":
      return must(
        api().GET("/charts/{chart_id}/records/{record_id}/evidence", {
          params: { path: { chart_id: of.chart, record_id: of.record }, query },
        }),
      );
    case "client":
      return must(
        api().GET("/clients/{client_id}/evidence", { params: { path: { client_id: of.client }, query } }),
      );
    case "member":
      return must(
        api().GET("/members/{member_id}/evidence", { params: { path: { member_id: of.member }, query } }),
      );
    case "organization":
      return must(api().GET("/evidence", { params: { query: { ...query, month } } }));
  }
}

/** Pages in which nothing fits are gone through, but not without end: the reader decides to look further. */
const EMPTY_PAGES = 8;

/** The next page with something in it. */
export async function readTrail(of: Of, asked: Asked, cursor?: string) {
  let page = await read(of, asked, cursor);
  for (let turn = 1; !page.evidence.length && page.next && turn < EMPTY_PAGES; turn += 1) {
    page = await read(of, asked, page.next);
  }
  return { items: page.evidence, next: page.next };
}

/** One page, whatever is in it: for an export, which counts and can be stopped. */
export const readTrailPage = read;
