/** What an intake link may be: the limits of the API, and what is offered within them. */
import type { components } from "../../api/schema";

export type Link = components["schemas"]["LinkView"];

/** The limits of `shared/domain/src/limits.rs`. */
export const NAME_CHARS = 200;
export const MESSAGE_CHARS = 2_000;
export const INTAKE_DAYS = 60;
export const INTAKE_FILES = 100;

export const DAY_MS = 86_400_000;
/** The offered lifetimes, in days. */
export const LIFETIMES = { day: 1, threeDays: 3, week: 7 } as const;
/** The offered sizes; the API takes at most 20 GiB. */
export const SIZES = [50e6, 200e6, 1e9, 5e9, 20e9];

export type State = "live" | "full" | "expired" | "revoked";

/** The state as people see it: a link that takes nothing more is not open. */
export function stateOf(link: Link): State {
  if (link.state === "live" && (link.left.files === 0 || link.left.bytes === 0)) return "full";
  return link.state as State;
}

/** A moment as `<input type="datetime-local">` writes it, in the device's own time. */
export function localMoment(at: number): string {
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
