import { describe, expect, it } from "vitest";
import { day } from "../../texts/format";
import { differencesIn, personIn, plainFacts, sameFileIn, technicalFacts } from "./file-facts";

const xray = {
  kind: "dicom",
  modality: "DX",
  body_part: "CHEST",
  study_uid: "2.25.1",
  rows: 256,
  columns: 128,
  frames: null,
  burned_in_annotation: false,
  patient: {
    name: { alphabetic: "OKAFOR^GRACE^B", ideographic: null },
    birth_date: "1984-02-29",
    id: "NC-7",
  },
};

describe("what was found in a file", () => {
  it("is told in words, without what is not so", () => {
    expect(plainFacts(xray)).toEqual([
      ["Taken with", "X-ray"],
      ["Part of the body", "Chest"],
      ["Size in pixels", "128 × 256"],
    ]);
    expect(plainFacts({ kind: "pdf", pages: 2, encrypted: true, embedded_files: 0 })).toEqual([
      ["Pages", "2"],
      ["Locked with a password", "Yes"],
    ]);
    expect(plainFacts({ kind: "media", duration_ms: 61_000 })).toEqual([["Length", "1:01"]]);
  });

  it("is kept apart where few know what it means", () => {
    expect(technicalFacts(xray)).toEqual([["Study UID", "2.25.1"]]);
  });

  it("names a person as people write it", () => {
    expect(personIn(xray).map(([, value]) => value)).toEqual(["OKAFOR, GRACE B", day("1984-02-29"), "NC-7"]);
    expect(personIn({ kind: "pdf" })).toEqual([]);
  });

  it("tells what differs, and where the same file is", () => {
    expect(differencesIn({ patient_mismatch: { differs: ["name", "birth_date"] } })).toEqual([
      "the name",
      "the date of birth",
    ]);
    expect(differencesIn(null)).toEqual([]);
    expect(sameFileIn({ duplicate_file: { record_id: "r1" } })).toBe("r1");
    expect(sameFileIn({})).toBeUndefined();
  });
});
