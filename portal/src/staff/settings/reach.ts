/** What a member can see, told by what decides it. */
import type { paths } from "../../api/schema";

export type Reach =
  paths["/members/{member_id}/reach"]["get"]["responses"][200]["content"]["application/json"];
export type OwnedChart = Reach["owned"]["charts"][number];
export type CopiedChart = Reach["copies"]["charts"][number];
export type SharedChart = Reach["shared"]["charts"][number];
export type Tally = Reach["spaces"][number];
export type MatrixRow = Reach["matrix"][number];

interface Verdict {
  allowed: boolean;
  policies: string[];
}

/** Things of which the same was decided for the same reasons. */
export interface Decided<T> extends Verdict {
  key: string;
  items: T[];
}

/** Sorted by what decides them: first what is allowed, and of each the most frequent reason first. */
export function byReason<T extends Verdict>(items: readonly T[]): Decided<T>[] {
  const groups = new Map<string, Decided<T>>();
  for (const item of items) {
    const { allowed, policies } = item;
    const key = JSON.stringify([allowed, policies]);
    const group = groups.get(key);
    if (group) group.items.push(item);
    else groups.set(key, { key, allowed, policies, items: [item] });
  }
  return [...groups.values()].sort(
    (one, other) => Number(other.allowed) - Number(one.allowed) || other.items.length - one.items.length,
  );
}
