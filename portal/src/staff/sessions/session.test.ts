import { describe, expect, it } from "vitest";
import { micrograms, milligrams, nameOf, toInstant, toLocal } from "./session";

describe("doses", () => {
  it("are milligrams to people and micrograms to the API", () => {
    expect([micrograms("25"), micrograms(" 2,5 "), micrograms("0"), micrograms("0.001")]).toEqual([
      25_000, 2_500, 0, 1,
    ]);
    expect([micrograms(""), micrograms("much"), micrograms("-1")]).toEqual([undefined, undefined, undefined]);
    expect([milligrams(2_500), milligrams(null)]).toEqual(["2.5", ""]);
  });
});

describe("moments", () => {
  it("read back as they were typed", () => {
    expect(toLocal(toInstant("2026-03-01T09:30"))).toBe("2026-03-01T09:30");
    expect([toInstant(""), toLocal(null)]).toEqual([undefined, ""]);
  });
});

describe("items", () => {
  it("have the names of their forms, and documents their own", () => {
    expect(nameOf({ code: "phq_9" })).toContain("PHQ-9");
    expect(nameOf({ code: "document_2" })).toBe("Document 2");
    expect(nameOf({ code: "document_2", title: "House rules" })).toBe("House rules");
  });
});
