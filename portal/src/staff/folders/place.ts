/** A place, and what can stand in it. */
import type { components } from "../../api/schema";

export type Place = components["schemas"]["LocationView"];
export type PlaceKind = Place["kind"];

export type AccessClass = Place["access"];
export type Scheme = Place["scheme"];

/** From the least guarded on. */
const ACCESSES: AccessClass[] = ["open", "restricted", "secured"];

/** How a place can be guarded: never less than the one around it (R037). */
export const accessesWithin = (around: Place | undefined): AccessClass[] =>
  ACCESSES.slice(around ? ACCESSES.indexOf(around.access) : 0);

/** From the outside in: each kind stands inside a coarser one. */
export const KINDS: PlaceKind[] = ["site", "room", "cabinet", "shelf", "box", "folder"];

/** The kinds a new place can be of: a site by itself, and what is finer than the place around it. */
export const kindsWithin = (around: Place | undefined): PlaceKind[] =>
  around ? KINDS.slice(KINDS.indexOf(around.kind) + 1) : ["site"];

/** The places whose path has every word that was typed, in any order. */
export function matching(all: Place[], typed: string): Place[] {
  const words = typed
    .toLocaleLowerCase()
    .split(/[\s/]+/)
    .filter(Boolean);
  return all.filter((place) => {
    const path = place.path.toLocaleLowerCase();
    return words.every((word) => path.includes(word));
  });
}

/** One row of a picker's list: into a place, back out of one, or staying where one is. */
export interface Row {
  act: "choose" | "up" | "stay";
  place: Place | undefined;
}
