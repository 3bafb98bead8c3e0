import { expect, test } from "vitest";
import { localMoment, stateOf, type Link } from "./intake-links";

const link = (state: string, files: number, bytes: number) => ({ state, left: { files, bytes } }) as Link;

test("a link that takes nothing more is not called open", () => {
  expect(stateOf(link("live", 1, 1))).toBe("live");
  expect(stateOf(link("live", 0, 1))).toBe("full");
  expect(stateOf(link("live", 1, 0))).toBe("full");
  expect(stateOf(link("revoked", 0, 0))).toBe("revoked");
});

test("a moment comes back from the control as it went in", () => {
  const at = new Date(2026, 10, 26, 14, 2).getTime();
  expect(new Date(localMoment(at)).getTime()).toBe(at);
});
