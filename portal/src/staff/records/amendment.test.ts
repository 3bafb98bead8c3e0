import { describe, expect, it } from "vitest";
import { Amendment } from "./amendment.svelte";

const signed = {
  title: "First visit",
  sections: [{ heading: "Findings", text: "Lungs clear.\n" }, { text: "Back in a week." }],
};

describe("an amendment", () => {
  it("begins with what was signed, and is no change yet", () => {
    const amendment = new Amendment(signed);
    expect(amendment.content).toEqual(signed);
    expect(amendment.isChanged).toBe(false);
    expect(amendment.isComplete).toBe(false);
  });

  it("is signed with a reason", () => {
    const amendment = new Amendment(signed);
    amendment.reason = "A typing error";
    expect([amendment.isChanged, amendment.isComplete]).toEqual([true, true]);
    amendment.title = " ";
    expect(amendment.isComplete).toBe(false);
  });

  it("leaves out sections of nothing, and asks for the text under a heading", () => {
    const amendment = new Amendment(signed);
    amendment.reason = "More was found";
    amendment.add();
    expect(amendment.content.sections).toHaveLength(2);
    expect(amendment.isComplete).toBe(true);
    const added = amendment.sections[2]!;
    added.heading = "Plan";
    expect([amendment.isMissing(added), amendment.isComplete]).toEqual([true, false]);
    amendment.remove(added.key);
    expect(amendment.isComplete).toBe(true);
  });

  it("says something", () => {
    const amendment = new Amendment(signed);
    amendment.reason = "Wrong";
    for (const section of amendment.sections) section.heading = section.text = "";
    expect(amendment.sections.map((one) => amendment.isMissing(one))).toEqual([true, false]);
    expect(amendment.isComplete).toBe(false);
  });
});
