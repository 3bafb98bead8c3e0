import { expect, test } from "vitest";
import { Rate } from "./rate";

test("the last seconds count, and what is sent again is no gain", () => {
  const rate = new Rate();
  expect(rate.bytesPerSecond).toBe(0);
  rate.note(0, 0);
  rate.note(1000, 1000);
  expect(rate.bytesPerSecond).toBe(1000);
  rate.note(-1000, 2000);
  expect(rate.bytesPerSecond).toBe(500);
  for (let second = 3; second <= 30; second += 1) rate.note(200, second * 1000);
  expect(rate.bytesPerSecond).toBeCloseTo(200);
  rate.forget();
  expect(rate.bytesPerSecond).toBe(0);
});
