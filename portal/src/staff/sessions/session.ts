/** A facilitated session as its pages have it. */
import type { components, paths } from "../../api/schema";
import { sessions as texts } from "../../texts/sessions";

export type Session =
  paths["/facilitated-sessions/{facilitation_id}"]["get"]["responses"][200]["content"]["application/json"];
export type Participant = components["schemas"]["SessionParticipant"];
export type Item = components["schemas"]["SessionItem"];
export type Answers = components["schemas"]["Answers"];
/** A client's own part in a session. */
export type ClientsSession = components["schemas"]["ClientsSessionRow"];

export const at = (session: string) => ({ path: { facilitation_id: session } });
export const part = (session: string, participant: string) => ({
  path: { facilitation_id: session, participant_id: participant },
});

/** Questions and greatest answer of each questionnaire. */
export const SURVEYS: Record<string, { questions: number; top: number }> = {
  who_5: { questions: 5, top: 5 },
  phq_9: { questions: 9, top: 3 },
  gad_7: { questions: 7, top: 3 },
  meq_30: { questions: 30, top: 5 },
};

/** What is attested to have gone before a session, as it is sent. */
export const attested = (
  withFacilitator: boolean,
  firstOn: string,
  center: string | null | undefined,
): components["schemas"]["History"] => ({
  with_facilitator: withFacilitator,
  first_at_center: firstOn && center ? { center_id: center, on: firstOn } : undefined,
});

/** What an item is called; a document by its own title. */
export function nameOf(item: Pick<Item, "code" | "title">): string {
  return item.title ?? texts.items[item.code] ?? texts.document(item.code.replace("document_", ""));
}

/** A session on the board of one of its facilitators. */
export type FacilitatedRow = components["schemas"]["FacilitatorsRow"];

/** Whether a session can take somebody over: a group before its administration, of their facilitator, at no other center. */
export const takesFrom = (
  group: Pick<FacilitatedRow, "id" | "group" | "voided" | "status" | "center_id" | "facilitators">,
  from: Pick<Session, "id" | "center">,
  who: Pick<Participant, "facilitator">,
): boolean =>
  group.group &&
  !group.voided &&
  ["new", "scheduled", "ready"].includes(group.status) &&
  group.facilitators.includes(who.facilitator) &&
  group.id !== from.id &&
  (!from.center || from.center.organization_id === group.center_id);

/** Whether nothing more is to be done for the client in a session. */
export const isOver = (session: Pick<ClientsSession, "status" | "voided">): boolean =>
  session.voided || session.status === "completed";

/** How many of the required items are not complete yet. */
export const outstanding = (items: Pick<Item, "required" | "state">[]): number =>
  items.filter((item) => item.required && item.state !== "complete").length;

/** Milligrams as people write them, as the micrograms the API takes; nothing where it is no number. */
export function micrograms(mg: string): number | undefined {
  const value = Number(mg.trim().replace(",", "."));
  return mg.trim() && Number.isFinite(value) && value >= 0 ? Math.round(value * 1000) : undefined;
}

export const milligrams = (ug: number | null | undefined): string =>
  ug === null || ug === undefined ? "" : String(ug / 1000);

/** A moment as `<input type="datetime-local">` writes it, in the device's time, and back. */
export const toInstant = (local: string): string | undefined =>
  local ? new Date(local).toISOString() : undefined;
export function toLocal(instant: string | null | undefined): string {
  if (!instant) return "";
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
