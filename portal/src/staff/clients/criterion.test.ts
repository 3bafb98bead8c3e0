import { describe, expect, it } from "vitest";
import { birthDateOf, criterionOf, soughtFor } from "./criterion";

describe("what is looked for", () => {
  it.each([
    ["gr oko", "name"],
    ["", "name"],
    ["1984", "birth_date"],
    ["1984-07", "birth_date"],
    ["1984-07-02", "birth_date"],
    ["2.7.1984", "birth_date"],
    ["7/2/19", "birth_date"],
    ["+1 416 555", "phone"],
    ["(416) 555-0100", "phone"],
    ["416 555 0100", "phone"],
    ["NC-10", "file_number"],
    ["12345", "file_number"],
  ])("%s is a %s", (typed, criterion) => expect(criterionOf(typed)).toBe(criterion));

  it.each([
    ["1984", "1984"],
    ["1984-07", "1984-07"],
    ["1984-07-02", "1984-07-02"],
    ["2.7.1984", "1984-07-02"],
    ["7/2/1984", "1984-07-02"],
    ["198", undefined],
    ["1984-0", undefined],
    ["2.7.19", undefined],
  ])("the date %s is asked for as %s", (typed, date) => expect(birthDateOf(typed, true)).toBe(date));

  it("takes a date with slashes as its reader writes it", () => {
    expect(birthDateOf("7/2/1984", false)).toBe("1984-02-07");
    expect(birthDateOf("7.2.1984", true)).toBe("1984-02-07");
  });

  it.each([
    ["name", "g", undefined],
    ["name", "g o", undefined],
    ["name", " gr o ", "gr o"],
    ["name", "Łu", "Łu"],
    ["file_number", "N-", undefined],
    ["file_number", "N-1", "N-1"],
    ["phone", "+1 4", undefined],
    ["phone", "+1 41", "+1 41"],
  ] as const)("by %s, “%s” is asked for as %s", (by, typed, sought) =>
    expect(soughtFor(by, typed)).toBe(sought),
  );
});
