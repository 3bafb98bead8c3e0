import { describe, expect, it } from "vitest";
import { day } from "../../texts/format";
import { detailsOf, linesOf } from "./details";

const person = {
  id: "c",
  status: "active",
  file_number: "NC-1",
  fields: [
    { field: "telephone_number", value: "••••42", is_masked: true },
    { field: "full_name", value: "Gr••• Ok•••", is_masked: true },
    { field: "place_of_birth", value: null, is_masked: false },
  ],
  created_at: "2026-01-01T00:00:00Z",
  created_at_local: "2026-01-01T00:00:00+00:00[UTC]",
  revision: 1,
} satisfies Parameters<typeof detailsOf>[0];

describe("details of a person", () => {
  it("come in the order in which people ask for them, the e-mail address among them", () => {
    expect(detailsOf({ ...person, email: "••••" })).toEqual([
      { name: "full_name", value: "Gr••• Ok•••", isMasked: true },
      { name: "place_of_birth", value: undefined, isMasked: false },
      { name: "telephone_number", value: "••••42", isMasked: true },
      { name: "email", value: "••••", isMasked: true },
    ]);
  });

  it("hide nothing where nothing is known", () => {
    expect(detailsOf(person).at(-1)).toEqual({ name: "email", value: undefined, isMasked: false });
  });

  it("are written as people write them", () => {
    expect(linesOf("date_and_time_of_birth", "1984-07-02")).toEqual([day("1984-07-02")]);
    expect(linesOf("date_and_time_of_birth", "1984-07-02T04:30:00")).toEqual([`${day("1984-07-02")}, 04:30`]);
    expect(linesOf("date_and_time_of_birth", "1984-••-••")).toEqual(["1984-••-••"]);
    expect(linesOf("telephone_number", "1; 2")).toEqual(["1", "2"]);
    expect(linesOf("height_and_weight", "171 cm; 70.000 kg")).toEqual(["171 cm", "70 kg"]);
    expect(linesOf("mailing_address", "12 Elm Street; rear\nToronto")).toEqual([
      "12 Elm Street; rear",
      "Toronto",
    ]);
  });
});
