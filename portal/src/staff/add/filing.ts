/** How a record is filed: the day it tells of, and the section of the chart. */
import type { components } from "../../api/schema";

export type Section = components["schemas"]["Section"];

export type Compartment = components["schemas"]["Compartment"];

export interface Filing {
  day: string;
  section: Section;
  /** Kept apart from the chart, where its owner chooses so; folders never are. */
  compartment?: Compartment | undefined;
}

/** In the chart first: what is shared when the chart is. */
export const COMPARTMENTS: Compartment[] = ["chart", "raw_data", "psychotherapy_notes", "private"];

export const SECTIONS: Section[] = [
  "overview",
  "progress_notes",
  "documents",
  "imaging",
  "correspondence",
  "consents",
];

/** Today on this device, as `<input type="date">` and the API write days. */
export function today(now = new Date()): string {
  const two = (number: number) => number.toString().padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** A day the API takes; it knows best what today is where the organization is. */
export const isDay = (day: string): boolean => day >= "1850-01-01" && day <= today();

/** What is told of the filing; of today nothing, as the server's today counts. */
export function told({ day, section, compartment }: Filing): Told {
  const told: Told = day === today() ? { section } : { section, occurred_on: day };
  return compartment && compartment !== "chart" ? { ...told, compartment } : told;
}

interface Told {
  occurred_on?: string;
  section: Section;
  compartment?: Compartment;
}

const PICTURES = /^image\/|^application\/dicom$/;

/** Where files like these usually belong; DICOM rarely has a type that the browser knows. */
export function usualSection(files: Pick<File, "name" | "type">[]): Section {
  const arePictures = files.every(({ name, type }) => PICTURES.test(type) || /\.(dcm|dicom)$/i.test(name));
  return arePictures ? "imaging" : "documents";
}
