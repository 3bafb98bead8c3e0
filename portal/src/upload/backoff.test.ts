import { expect, test } from "vitest";
import { backoffMs } from "./backoff";

test("it waits longer each time, and never more than 20 seconds", () => {
  expect([1, 2, 3, 4].map((failures) => backoffMs(failures, 1))).toEqual([500, 1000, 2000, 4000]);
  expect(backoffMs(30, 1)).toBe(20_000);
});

test("chance takes up to half of it away", () => {
  expect(backoffMs(1, 0)).toBe(250);
  for (let again = 0; again < 50; again += 1) {
    expect(backoffMs(3)).toBeGreaterThanOrEqual(1000);
    expect(backoffMs(3)).toBeLessThanOrEqual(2000);
  }
});
