import { describe, expect, it } from "vitest";
import { isPrinted } from "./printed";

describe("what goes on paper", () => {
  const amaras = { chart_id: "amaras", author: "amara" };
  const bens = { chart_id: "amaras", author: "ben" };
  const by = (me: string, charts: string[], isServed = false) => ({ me, isServed, charts: new Set(charts) });

  it("is everything in a chart of one's own", () => {
    expect([amaras, bens].map((one) => isPrinted(one, by("amara", ["amaras"])))).toEqual([true, true]);
  });
  it("is what one wrote in a chart of somebody else's", () => {
    expect([amaras, bens].map((one) => isPrinted(one, by("ben", ["bens"])))).toEqual([false, true]);
  });
  it("is everything that is for oneself", () => {
    expect([amaras, bens].map((one) => isPrinted(one, by("grace", [], true)))).toEqual([true, true]);
  });
});
