import { describe, expect, it } from "vitest";
import { added, counted, roundUp, spansOf, type Bucket } from "./outlook";

const bucket = (month: string, name: string, records: number): Bucket => ({ month, class: name, records });

describe("an outlook", () => {
  it("adds its pages up", () => {
    const one = added([], [bucket("2030-01", "imaging", 2), bucket("2030-02", "imaging", 1)]);
    const both = added(one, [bucket("2030-01", "imaging", 3), bucket("2030-01", "consent", 1)]);
    expect(both).toHaveLength(3);
    expect(both).toContainEqual(bucket("2030-01", "imaging", 5));
  });

  it("spans two years of months, or all years", () => {
    const months = spansOf("2026-11-26", "month", []);
    expect([months.length, months[0], months[1], months[2], months.at(-1)]).toEqual([
      24,
      "2026-11",
      "2026-12",
      "2027-01",
      "2028-10",
    ]);
    expect(spansOf("2026-11-26", "year", [bucket("2029-01", "imaging", 1)])).toEqual([
      "2026",
      "2027",
      "2028",
      "2029",
    ]);
    expect(spansOf("2026-11-26", "year", [])).toEqual(["2026"]);
  });

  it("counts by the classes there are most of, and the others together", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const buckets = names.map((name, at) => bucket("2027-01", name, 10 - at));
    const all = counted("2026-11-26", "month", [...buckets, bucket("2040-01", "a", 1)]);
    expect(all.classes).toEqual(["a", "b", "c", "d", "e", undefined]);
    expect(all.columns[2]).toEqual({ at: "2027-01", counts: [10, 9, 8, 7, 6, 5 + 4], total: 49 });
    expect(all.most).toBe(49);
    expect(counted("2026-11-26", "year", buckets).columns.map((column) => column.total)).toEqual([0, 49]);
    expect(counted("2026-11-26", "month", []).most).toBe(0);
  });

  it("has a scale that ends with a round number", () => {
    expect([0, 3, 5, 11, 45, 100, 101].map(roundUp)).toEqual([4, 4, 5, 20, 50, 100, 200]);
  });
});
