/** A record's own permissions: whom it leaves which verbs, whatever else they may (R050, R051). */
import type { components } from "../../api/schema";

export type Verb = components["schemas"]["Verb"];
export type Limits = Record<string, Verb[]>;

const ALL: Verb[] = ["access", "add", "edit", "delete"];
/** Those that can be done with a record that is there. */
export const VERBS: Verb[] = ["access", "edit", "delete"];
/** The most rows that the API takes. */
export const MOST_ROWS = 50;

/** The verbs that are left to somebody; who is not named is not limited. */
export const left = (limits: Limits, member: string): Verb[] => limits[member] ?? ALL;

/** Whether the verb works: what cannot be seen can be neither changed nor struck through. */
export function works(limits: Limits, member: string, verb: Verb): boolean {
  const verbs = left(limits, member);
  return verbs.includes("access") && verbs.includes(verb);
}

/** With one verb left or taken. */
export function changed(limits: Limits, member: string, verb: Verb, isLeft: boolean): Limits {
  const before = left(limits, member);
  const verbs = ALL.filter((one) => (one === verb ? isLeft : before.includes(one)));
  return { ...limits, [member]: verbs };
}

/** What is set: a row that leaves everything is no limit. */
export const withoutEmpty = (limits: Limits): Limits =>
  Object.fromEntries(Object.entries(limits).filter(([, verbs]) => verbs.length < ALL.length));

/** The same limits have the same text. */
export const textOf = (limits: Limits): string =>
  JSON.stringify(Object.entries(withoutEmpty(limits)).sort(([one], [other]) => (one < other ? -1 : 1)));
