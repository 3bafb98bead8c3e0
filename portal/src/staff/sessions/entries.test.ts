import { describe, expect, it } from "vitest";
import { words } from "../../texts/common";
import { sessions as texts } from "../../texts/sessions";
import { holds, linesOf, partName } from "./entries";
import type { Item } from "./session";

const items: Item[] = [
  { code: "who_5", phase: "preparation", required: true, fixed: false, state: "complete", entries: 2 },
];

describe("entries of a participant", () => {
  it("hold while none of their part came later", () => {
    expect(holds({ part: { item: "who_5" }, number: 1 }, { items })).toBe(false);
    expect(holds({ part: { item: "who_5" }, number: 2 }, { items })).toBe(true);
    expect(partName({ item: "who_5" }, { items })).toBe(texts.items["who_5"]);
    expect(partName("integration", { items })).toBe(texts.integration);
  });

  it("say a questionnaire in its order, with its sum, also where that is 0", () => {
    const survey = { part: "item" as const, answers: { kind: "survey" as const, answers: [0, 0] } };
    expect(linesOf({ content: survey, score: 0 })).toEqual([
      [texts.inOrder, "0, 0"],
      [texts.score, "0"],
    ]);
  });

  it("say that none of the published questions was answered with yes", () => {
    const answers = { kind: "client_information" as const, edition: "2024", answers: [false, false] };
    expect(linesOf({ content: { part: "item", answers } })).toContainEqual([texts.letters, words.none]);
    const some = { ...answers, answers: [true, false, true] };
    expect(linesOf({ content: { part: "item", answers: some } })).toContainEqual([texts.letters, "(a), (c)"]);
  });

  it("say what was administered in milligrams, that no booster was taken, and no more than is known", () => {
    const content = {
      part: "administration" as const,
      whole_fungi: false,
      primary_dose_ug: 25_000,
      booster_dose_ug: 0,
      medical_reaction: { occurred: false },
      behavioral_reaction: { occurred: true, description: "Wept" },
      certified: true,
    };
    expect(linesOf({ content })).toEqual([
      [texts.wholeFungi, words.no],
      [texts.primary, "25"],
      [texts.booster, "0"],
      [texts.medical, texts.noReaction],
      [texts.behavioral, "Wept"],
      [texts.certified, words.yes],
    ]);
  });
});
