import { afterEach, expect, test, vi } from "vitest";
import { day, dayOf } from "./format";

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ["UTC", "2026-11-26", "2026-11-27"],
  ["America/Toronto", "2026-11-26", "2026-11-26"],
  ["Pacific/Auckland", "2026-11-27", "2026-11-27"],
])("a moment is of the day that it is for who reads it: %s", (zone, afternoon, night) => {
  vi.stubEnv("TZ", zone);
  expect(dayOf("2026-11-26T13:00:00Z")).toBe(day(afternoon));
  expect(dayOf("2026-11-27T03:00:00Z")).toBe(day(night));
  // A day is one everywhere.
  expect(day("2026-11-26")).toContain("26");
});
