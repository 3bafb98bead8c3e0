/** What was recorded of a participant, as people read it: labels, and what stands beside them. */
import type { components } from "../../api/schema";
import { day, moment } from "../../texts/format";
import { words } from "../../texts/common";
import { sessions as texts } from "../../texts/sessions";
import { milligrams, nameOf, type Answers, type Participant } from "./session";

type Schemas = components["schemas"];
export type Entry = Schemas["SessionEntry"];
type Line = [label: string, value: string];

/** What the entry is part of: a phase, or an item by its name. */
export function partName(part: Entry["part"], participant: Pick<Participant, "items">): string {
  if (typeof part === "string") return texts[part];
  return nameOf(participant.items.find((item) => item.code === part.item) ?? { code: part.item });
}

/** Whether the entry is what holds now; a later one of its part would correct it. */
export function holds(
  { part, number }: Pick<Entry, "part" | "number">,
  participant: Pick<Participant, "items" | "administration" | "integration">,
): boolean {
  const recorded =
    typeof part === "string" ? participant[part] : participant.items.find((item) => item.code === part.item);
  return number >= (recorded?.entries ?? 0);
}

/** All that an entry says; what it leaves out is left out. */
export function linesOf({ content, score }: Pick<Entry, "content" | "score">): Line[] {
  switch (content.part) {
    case "item":
      return [...answered(content.answers), ...said(texts.score, score?.toString())];
    case "administration":
      return administered(content);
    case "integration":
      return said(texts.notes, content.notes);
  }
}

const said = (label: string, value: string | null | undefined): Line[] => (value ? [[label, value]] : []);
const yesNo = (is: boolean): string => (is ? words.yes : words.no);

function answered(answers: Answers): Line[] {
  switch (answers.kind) {
    case "survey":
      return said(texts.inOrder, answers.answers.join(", "));
    case "client_information": {
      const yes = answers.answers.flatMap((is, index) => (is ? [letter(index)] : []));
      return [
        [texts.edition, answers.edition],
        [texts.letters, yes.join(", ") || words.none],
      ];
    }
    case "disclosure_consent":
      return [
        [texts.description, answers.description],
        [texts.recipient, answers.recipient],
        [texts.purpose, answers.purpose],
        [texts.signedAt, day(answers.signed_at.slice(0, 10))],
        ...said(texts.expiresOn, answers.expires_on && day(answers.expires_on)),
        [texts.onForm, yesNo(answers.on_oha_form)],
      ];
    case "form":
      return answers.fields.map(({ label, answer }) => [label, answer]);
  }
}

/** A question of the client information form: `(a)`. */
export const letter = (index: number): string => `(${String.fromCharCode(97 + index)})`;

function administered(content: Schemas["Administration"]): Line[] {
  return [
    ...said(texts.product, content.product),
    ...said(texts.batch, content.batch),
    [texts.wholeFungi, yesNo(content.whole_fungi ?? false)],
    ...said(texts.primary, milligrams(content.primary_dose_ug)),
    ...said(texts.booster, milligrams(content.booster_dose_ug)),
    ...said(texts.startedAt, content.started_at && moment(content.started_at)),
    ...said(texts.endedAt, content.ended_at && moment(content.ended_at)),
    ...said(texts.medical, reaction(content.medical_reaction)),
    ...said(texts.behavioral, reaction(content.behavioral_reaction)),
    [texts.certified, yesNo(content.certified ?? false)],
    ...said(texts.deviation, content.deviation),
  ];
}

function reaction(one: Schemas["Reaction"] | null | undefined): string | undefined {
  if (!one) return undefined;
  return one.occurred ? (one.description ?? texts.hadReaction) : texts.noReaction;
}
