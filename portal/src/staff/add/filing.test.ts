import { expect, test } from "vitest";
import { isDay, isForClient, told, today, usualSection } from "./filing";

test("today is the day on the device's own clock", () => {
  expect(today(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
});

test("a day is sent where it is not today, and none is in the future", () => {
  expect(told({ day: today(), section: "imaging" })).toEqual({ section: "imaging" });
  expect(told({ day: "2020-02-29", section: "imaging" }).occurred_on).toBe("2020-02-29");
  expect([isDay("2020-02-29"), isDay("9999-01-01"), isDay(""), isDay("0026-01-01")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("what is for the client is sent so, and nothing that is kept apart", () => {
  const letter = { day: today(), section: "correspondence" as const, forClient: true };
  expect(told(letter)).toEqual({ section: "correspondence", direction: "for_client" });
  expect(told({ ...letter, compartment: "chart" }).direction).toBe("for_client");
  expect(told({ ...letter, compartment: "private" })).toEqual({
    section: "correspondence",
    compartment: "private",
  });
  expect([isForClient(letter), isForClient({ ...letter, forClient: false }), isForClient({})]).toEqual([
    true,
    false,
    false,
  ]);
});

test("pictures alone usually belong to imaging, and anything else to documents", () => {
  const xray = { name: "Knee.DCM", type: "" };
  const photo = { name: "arm.jpg", type: "image/jpeg" };
  expect(usualSection([xray, photo])).toBe("imaging");
  expect(usualSection([xray, { name: "letter.pdf", type: "application/pdf" }])).toBe("documents");
});
