/** The clients that were found last: for going to the next, and for coming back without searching again. */
import type { components } from "../../api/schema";
import { context } from "../session.svelte";

type Card = components["schemas"]["ClientCard"];

/** How long a list is shown again as it was: a search more is evidence more, an old list is wrong. */
const FRESH_MS = 120_000;

export const clientList = $state({
  organization: "",
  /** The search, as it stands in the address. */
  query: "",
  found: [] as Card[],
  next: undefined as string | undefined,
  at: 0,
});

export function keepList(query: string, found: Card[], next: string | undefined): void {
  Object.assign(clientList, {
    organization: context().organization_id,
    query,
    found,
    next,
    at: Date.now(),
  });
}

/** Says that somebody on the list, or not yet on it, has changed. */
export function outdateList(): void {
  clientList.at = 0;
}

/** Whether the list is what this search would find. */
export function isListOf(query: string): boolean {
  const { at, organization } = clientList;
  const isFresh = Date.now() - at < FRESH_MS && organization === context().organization_id;
  return isFresh && clientList.query === query;
}

/** Where a client stands in the list, and who comes before and after. */
export function neighbours(id: string): { before?: Card; after?: Card; at: number; of: number } {
  const found = clientList.organization === context().organization_id ? clientList.found : [];
  const index = found.findIndex((one) => one.id === id);
  if (index < 0) return { at: 0, of: 0 };
  return { before: found[index - 1], after: found[index + 1], at: index + 1, of: found.length };
}
