/** What inspection found in a file, in the order and the words in which people read it. */
import { day, duration, readable, size } from "../../texts/format";
import { records as texts } from "../../texts/records";
import { viewers } from "../../texts/viewers";
import { words } from "../../texts/common";
import type { Facts } from "../../viewers/view";

export type Fact = [label: string, value: string];

/** What readers look for; everything else is for those who know what it means. */
const PLAIN = [
  "modality",
  "body_part",
  "study_date",
  "frames",
  "pages",
  "entries",
  "lines",
  "duration_ms",
  "unpacked_bytes",
  "encrypted",
  "scanned",
  "has_forms",
  "macros",
  "javascript",
  "launch_action",
  "embedded_files",
  "embedded_objects",
  "burned_in_annotation",
];
const IN_PIXELS = ["width", "height", "columns", "rows"];
/** What says nothing: which kind of facts these are, and that all of a text was looked at. */
const LEFT_OUT = new Set(["kind", "complete", ...IN_PIXELS, ...PLAIN]);

/** The size in pixels and what everybody understands. */
export function plainFacts(facts: Facts): Fact[] {
  const [width, height] = [facts["width"] ?? facts["columns"], facts["height"] ?? facts["rows"]];
  const pixels: Fact[] =
    width && height ? [[texts.pixels, texts.byPixels(String(width), String(height))]] : [];
  return [...PLAIN.flatMap((name) => told(name, facts[name])), ...pixels];
}

/** The rest. */
export const technicalFacts = (facts: Facts): Fact[] =>
  Object.entries(facts).flatMap(([name, value]) => (LEFT_OUT.has(name) ? [] : told(name, value)));

function told(name: string, value: unknown): Fact[] {
  const label = texts.facts[name] ?? readable(name);
  const text = toldValue(name, value);
  return text ? [[label, text]] : [];
}

/** What is not so, and of what there is none, goes without saying. */
function toldValue(name: string, value: unknown): string {
  if (value === true) return words.yes;
  if (typeof value === "number" && value > 0) {
    if (name === "duration_ms") return duration(value);
    if (name === "unpacked_bytes") return size(value);
    return value.toLocaleString();
  }
  if (typeof value !== "string") return "";
  if (name === "modality") return viewers.modality(value);
  if (name === "study_date") return day(value);
  return name === "body_part" ? readable(value.toLowerCase()) : value;
}

/** The person that a picture names (DICOM): name, date of birth and number, as far as they are there. */
export function personIn(facts: Facts): Fact[] {
  const patient = (facts["patient"] ?? {}) as {
    name?: { alphabetic?: string; ideographic?: string; phonetic?: string } | null;
    birth_date?: string | null;
    id?: string | null;
  };
  const name = patient.name?.alphabetic ?? patient.name?.ideographic ?? patient.name?.phonetic;
  return [
    ...(name ? [[texts.namedInIt, readableName(name)] as Fact] : []),
    ...(patient.birth_date ? [[texts.bornInIt, day(patient.birth_date)] as Fact] : []),
    ...(patient.id ? [[texts.numberInIt, patient.id] as Fact] : []),
  ];
}

/** `OKAFOR^GRACE^B` as `OKAFOR, GRACE B` (DICOM PS3.5 6.2). */
function readableName(name: string): string {
  const [family = "", ...rest] = name.split("^").filter(Boolean);
  return rest.length ? `${family}, ${rest.join(" ")}` : family;
}

/** In what the person in the picture is not the person of the chart (R017). */
export function differencesIn(facts: unknown): string[] {
  const found = (facts as { patient_mismatch?: { differs?: string[] } } | null)?.patient_mismatch;
  return (found?.differs ?? []).map((one) => texts.differences[one] ?? readable(one));
}

/** The record of the chart that holds the same file already. */
export const sameFileIn = (facts: unknown): string | undefined =>
  (facts as { duplicate_file?: { record_id?: string } } | null)?.duplicate_file?.record_id;
