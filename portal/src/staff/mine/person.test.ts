import { expect, test } from "vitest";
import { mine as texts } from "../../texts/mine";
import { inOrder, kindOf, lastDay, termsOf, titleOf } from "./person";

const one = (client_id: string, relationship: "oneself" | "parent" | "partner") => ({
  client_id,
  relationship,
  scope: "read" as const,
});

test("one's own records come first, and the others keep their order", () => {
  const all = [one("a", "parent"), one("b", "partner"), one("c", "oneself")];
  expect(inOrder(all).map(({ client_id }) => client_id)).toEqual(["c", "a", "b"]);
  expect(all[0]?.client_id).toBe("a");
});

test("records are called after whose they are, once that is known", () => {
  expect(titleOf(one("a", "oneself"), "Grace Okafor")).toBe(texts.own);
  expect(titleOf(one("a", "partner"), "Grace Okafor")).toBe("Records of Grace Okafor");
  expect(titleOf(one("a", "partner"), undefined)).toBe(texts.records);
});

test("the last day is the one before the moment of the end", () => {
  const midnight = new Date(2027, 2, 4).toISOString();
  expect(lastDay(midnight)).toBe(new Date(2027, 2, 3).toLocaleDateString(undefined, { dateStyle: "long" }));
});

test("terms say by what right and until when", () => {
  const ends = new Date(2027, 2, 4).toISOString();
  expect(termsOf({ relationship: "oneself" })).toBe("");
  expect(termsOf({ relationship: "parent" })).toBe(texts.as.parent);
  expect(termsOf({ relationship: "partner", expires_at: ends })).toBe(
    `${texts.as.partner} ${texts.until(lastDay(ends))}`,
  );
});

test("a record is what people call it", () => {
  expect(kindOf({ type: "data" })).toBe("Note");
  expect(kindOf({ type: "physical" })).toBe("Paper folder");
  expect(kindOf({ type: "electronic", file: { class: "dicom" } })).toBe("X-ray or scan");
  expect(kindOf({ type: "electronic", file: { class: "something" } })).toBe("File");
  expect(kindOf({ type: "electronic", file: {} })).toBe("File");
});
