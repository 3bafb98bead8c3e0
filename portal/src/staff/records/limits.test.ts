import { describe, expect, it } from "vitest";
import { changed, left, textOf, withoutEmpty, works, type Limits } from "./limits";

describe("a record's own permissions", () => {
  it("leave everything to who is not named", () => {
    expect(left({}, "sam")).toEqual(["access", "add", "edit", "delete"]);
    expect(works({}, "sam", "delete")).toBe(true);
  });

  it("take one verb and give it back", () => {
    const taken = changed({}, "sam", "edit", false);
    expect(taken).toEqual({ sam: ["access", "add", "delete"] });
    expect(works(taken, "sam", "edit")).toBe(false);
    expect(withoutEmpty(changed(taken, "sam", "edit", true))).toEqual({});
  });

  it("let nothing be done with what cannot be seen", () => {
    const unseen = changed({}, "sam", "access", false);
    expect(works(unseen, "sam", "edit")).toBe(false);
    expect(works(changed(unseen, "sam", "access", true), "sam", "edit")).toBe(true);
  });

  it("are the same whatever the order of their rows", () => {
    const [one, other]: [Limits, Limits] = [
      { a: [], b: ["access"] },
      { b: ["access"], a: [], c: ["access", "add", "edit", "delete"] },
    ];
    expect(textOf(one)).toBe(textOf(other));
  });
});
