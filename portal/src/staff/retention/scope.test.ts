import { describe, expect, it } from "vitest";
import { coverage, idsOf, scopeOf, type Typed } from "./scope";

const one = "01923456-789a-7bcd-8ef0-123456789abc";
const nothing: Typed = { clients: "", charts: "", queries: false, author: "", from: "", to: "" };

describe("what a hold covers", () => {
  it("is read from lines of ids, each once", () => {
    expect(idsOf(` ${one}\n${one}, `)).toEqual([one]);
    expect(idsOf("somebody")).toBeUndefined();
    expect(idsOf("")).toEqual([]);
  });

  it("is something", () => {
    expect(scopeOf(nothing)).toBeUndefined();
    expect(scopeOf({ ...nothing, clients: "x" })).toBeUndefined();
    expect(scopeOf({ ...nothing, clients: one })).toMatchObject({ clients: [one], query: null });
    expect(scopeOf({ ...nothing, queries: true })).toMatchObject({ query: { authors: [] } });
    expect(scopeOf({ ...nothing, queries: true, from: "2026-02-01", to: "2026-01-01" })).toBeUndefined();
  });

  it("is said in sentences", () => {
    const said = coverage({ clients: [one], query: { authors: [one] } }, "patient", () => "Dr Amara");
    expect(said).toEqual(["Everything of 1 patient", "Whatever matches: written by Dr Amara"]);
    expect(coverage({ query: {} }, "patient", () => "")).toEqual(["Whatever matches: every record there is"]);
  });
});
