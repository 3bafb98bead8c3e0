import { describe, expect, it } from "vitest";
import { barsOf, QUIET, valuesOf } from "./code128";

describe("Code 128", () => {
  it("has the checksum of the standard's example", () => {
    // "PJJ123C" in set A has 54; in set B the start weighs one more.
    expect(valuesOf("PJJ123C")?.at(-2)).toBe(55);
    expect(valuesOf("")).toBeUndefined();
    expect(valuesOf("é")).toBeUndefined();
  });

  it("draws eleven modules for each sign, thirteen for the stop, and room around", () => {
    const drawn = barsOf("F-0001");
    expect(drawn?.width).toBe(2 * QUIET + 11 * (6 + 2) + 13);
    expect(drawn?.bars[0]).toEqual({ x: QUIET, width: 2 });
    expect(drawn?.bars).toHaveLength(3 * 8 + 4);
    const last = drawn?.bars.at(-1);
    expect((last?.x ?? 0) + (last?.width ?? 0) + QUIET).toBe(drawn?.width);
  });
});
