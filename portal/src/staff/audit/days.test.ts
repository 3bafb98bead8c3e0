import { describe, expect, it } from "vitest";
import { deviceWords } from "./device";
import { lastDay, localParts, monthsBack, startOfDay } from "./days";

describe("a day", () => {
  it("begins where the organization is", () => {
    expect(startOfDay("2026-11-26", "America/Toronto")).toBe("2026-11-26T05:00:00.000Z");
    expect(startOfDay("2026-07-01", "America/Toronto", 1)).toBe("2026-07-02T04:00:00.000Z");
    expect(startOfDay("2026-11-26", "UTC")).toBe("2026-11-26T00:00:00.000Z");
    expect(startOfDay("2026-11-26", "Asia/Kathmandu")).toBe("2026-11-25T18:15:00.000Z");
    // The days on which the clocks change.
    expect(startOfDay("2026-03-08", "America/Toronto")).toBe("2026-03-08T05:00:00.000Z");
    expect(startOfDay("2026-03-08", "America/Toronto", 1)).toBe("2026-03-09T04:00:00.000Z");
    expect(startOfDay("2026-11-01", "America/Toronto", 1)).toBe("2026-11-02T05:00:00.000Z");
  });

  it("is taken from what the API answers", () => {
    expect(localParts("2026-11-26T14:02:03.51-05:00[America/Toronto]")).toEqual({
      day: "2026-11-26",
      time: "14:02:03",
      zone: "America/Toronto",
    });
    expect(localParts("2026-11-26T14:02:03+00:00[UTC]").zone).toBe("UTC");
  });

  it("is the last of its month, leap years included", () => {
    expect(lastDay("2028-02")).toBe("2028-02-29");
    expect(lastDay("2026-12")).toBe("2026-12-31");
  });

  it("goes back over the turn of the year", () => {
    expect(monthsBack(3, new Date("2026-01-31T10:00:00Z"))).toEqual(["2026-01", "2025-12", "2025-11"]);
  });
});

describe("a device", () => {
  it("is said as people call it", () => {
    const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
    expect(deviceWords(`${windows} Chrome/140.0.0.0 Safari/537.36`)).toBe("Chrome on Windows");
    expect(deviceWords(`${windows} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`)).toBe("Edge on Windows");
    const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1";
    expect(deviceWords(phone)).toBe("Safari on iPhone");
    expect(deviceWords("curl/8.5.0")).toBe("A program (curl)");
    expect(deviceWords("")).toBe("A program");
  });
});
