import { describe, expect, it } from "vitest";
import { blank, canBeTakenAway, changes, demographics, isBlank } from "./demographics";

describe("a form about a person", () => {
  it("sends only what was filled in", () => {
    expect(demographics({ ...blank, full_name: " Grace Okonkwo ", email: "  " })).toEqual({
      full_name: "Grace Okonkwo",
    });
  });

  it("reads lists by line, times to the second, and weight in grams", () => {
    const typed = { ...blank, phones: "1\n\n 2 ", birth_time: "07:30", weight_kg: "61,5", height_cm: "170" };
    expect(demographics(typed)).toEqual({
      phones: ["1", "2"],
      birth_time: "07:30:00",
      weight_g: 61_500,
      height_cm: 170,
    });
  });

  it("knows when nothing was typed", () => {
    expect(isBlank(blank)).toBe(true);
    expect(isBlank({ ...blank, phones: "1" })).toBe(false);
  });
});

describe("changes of details", () => {
  it("are what is typed and what is taken away, and nothing else", () => {
    expect(changes({ ...blank, email: "g@mail.example" }, ["telephone_number", "height_and_weight"])).toEqual(
      {
        email: "g@mail.example",
        phones: [],
        height_cm: null,
        weight_g: null,
      },
    );
  });

  it("take a typed detail over one that is taken away", () => {
    expect(changes({ ...blank, phones: "1" }, ["telephone_number"])).toEqual({ phones: ["1"] });
  });

  it("cannot take the name away", () => {
    expect(canBeTakenAway("full_name")).toBe(false);
    expect(canBeTakenAway("other_names")).toBe(true);
  });
});
