import { describe, expect, it } from "vitest";
import { byReason } from "./reach";

describe("what a member can see", () => {
  it("is told by its reasons, the allowed and the frequent first", () => {
    const of = (id: number, allowed: boolean, ...policies: string[]) => ({ id, allowed, policies });
    const groups = byReason([
      of(1, false, "user-level-chart-access"),
      of(2, true, "collaborator-reads-chart"),
      of(3, true, "owner-keeps-chart"),
      of(4, false),
      of(5, true, "owner-keeps-chart"),
    ]);
    expect(groups.map((one) => one.items.map(({ id }) => id))).toEqual([[3, 5], [2], [1], [4]]);
    expect(groups.map(({ allowed }) => allowed)).toEqual([true, true, false, false]);
    expect(byReason([])).toEqual([]);
  });
});
