import { describe, expect, it } from "vitest";
import { isInForce, isPlace, isWithin } from "./places";

describe("a place of the law", () => {
  it("is written as rules write it", () => {
    expect(["US-MD", "CA-ON", "UK-England", "DE", "EU", "AU-NSW"].filter((one) => !isPlace(one))).toEqual([]);
    expect(["", "us-md", "Maryland", "US MD", "US-"].filter(isPlace)).toEqual([]);
  });

  it("has the law of what is around it, too", () => {
    expect(isWithin("US-MD", "US-MD")).toBe(true);
    expect(isWithin("US-MD", "US")).toBe(true);
    expect(isWithin("US", "US-MD")).toBe(false);
    expect(isWithin("DE", "EU")).toBe(true);
    expect(isWithin("UK-England", "EU")).toBe(false);
    expect(isInForce({ jurisdictions: [] }, ["US-MD"])).toBe(true);
    expect(isInForce({ jurisdictions: ["CA", "EU"] }, ["US-MD", "CA-ON"])).toBe(true);
    expect(isInForce({ jurisdictions: ["CA"] }, [])).toBe(false);
  });
});
