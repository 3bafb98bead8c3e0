/** Whom somebody with a client's account reads for: themselves, or a client who lets them (R066, R120). */
import type { components } from "../../api/schema";
import { mine as texts } from "../../texts/mine";

export type Represented = components["schemas"]["Represented"];
type RecordView = components["schemas"]["RecordView"];

/** Oneself first; the others stay as they are. */
export const inOrder = (all: readonly Represented[]): Represented[] =>
  [...all].sort((one, other) => Number(isOneself(other)) - Number(isOneself(one)));

export const isOneself = ({ relationship }: Pick<Represented, "relationship">): boolean =>
  relationship === "oneself";

/** Whose records they are; a neutral word as long as the name is not read yet. */
export function titleOf(who: Pick<Represented, "relationship">, name: string | undefined): string {
  if (isOneself(who)) return texts.own;
  return name ? texts.of(name) : texts.records;
}

/** The last day before a moment, on the clock of the device: when it is over for who reads this. */
export function lastDay(endsAt: string): string {
  return new Date(Date.parse(endsAt) - 1).toLocaleDateString(undefined, { dateStyle: "long" });
}

/** By what right somebody reads another's records, and until when; nothing of one's own without an end. */
export function termsOf({
  relationship,
  expires_at,
}: Pick<Represented, "relationship" | "expires_at">): string {
  return [texts.as[relationship], expires_at ? texts.until(lastDay(expires_at)) : ""]
    .filter(Boolean)
    .join(" ");
}

/** What a record is, in a word. */
export function kindOf(record: Pick<RecordView, "type"> & { file?: { class?: string | null } }): string {
  if (record.type === "data") return texts.note;
  if (record.type === "physical") return texts.folder;
  return texts.kinds[record.file?.class ?? ""] ?? texts.file;
}
