/** The user-level permission: verbs for each type of record (R051). */
import type { components } from "../../api/schema";
import type { Role } from "../session.svelte";

export type Permissions = components["schemas"]["Permissions"];
export type Verb = components["schemas"]["Verb"];
export type RecordType = components["schemas"]["RecordType"];

export const TYPES: RecordType[] = ["physical", "electronic", "data"];
export const VERBS: Verb[] = ["access", "add", "edit", "delete"];

/** What a new member of these roles starts with. */
export function usual(roles: Role[]): Permissions {
  if (roles.includes("practitioner")) return Object.fromEntries(TYPES.map((type) => [type, [...VERBS]]));
  if (roles.includes("staff")) return { physical: ["access", "add", "edit"] };
  return {};
}

export const allows = (permissions: Permissions, type: string, verb: Verb): boolean =>
  permissions[type]?.includes(verb) ?? false;

/** With one verb on one type given or taken. */
export function changed(permissions: Permissions, type: string, verb: Verb, isOn: boolean): Permissions {
  const verbs = VERBS.filter((one) => (one === verb ? isOn : allows(permissions, type, one)));
  return { ...permissions, [type]: verbs };
}

/** The same permissions have the same text. */
export const textOf = (permissions: Permissions): string =>
  JSON.stringify(TYPES.map((type) => VERBS.filter((verb) => allows(permissions, type, verb))));
