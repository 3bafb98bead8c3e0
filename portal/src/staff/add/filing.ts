/** How a record is filed: the day it tells of, the section of the chart, and whether the client reads it, too. */
import type { components } from "../../api/schema";

export type Section = components["schemas"]["Section"];

export type Compartment = components["schemas"]["Compartment"];

export interface Filing {
  day: string;
  section: Section;
  /** Kept apart from the chart, where its owner chooses so; folders never are. */
  compartment?: Compartment | undefined;
  /** Whether it speaks to the client (R024); folders never do. */
  forClient?: boolean | undefined;
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

/** What is kept apart from the chart no client reads, whatever is chosen. */
export const isForClient = ({ compartment, forClient }: Pick<Filing, "compartment" | "forClient">): boolean =>
  Boolean(forClient) && (compartment ?? "chart") === "chart";

/** Today on this device, as `<input type="date">` and the API write days. */
export function today(now = new Date()): string {
  const two = (number: number) => number.toString().padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** A day the API takes; it knows best what today is where the organization is. */
export const isDay = (day: string): boolean => day >= "1850-01-01" && day <= today();

/** What is told of the filing; of today nothing, as the server's today counts. */
export function told(filing: Filing): Told {
  const { day, section, compartment } = filing;
  const told: Told = day === today() ? { section } : { section, occurred_on: day };
  if (isForClient(filing)) told.direction = "for_client";
  return compartment && compartment !== "chart" ? { ...told, compartment } : told;
}

interface Told {
  occurred_on?: string;
  section: Section;
  compartment?: Compartment;
  direction?: "for_client";
}

const PICTURES = /^image\/|^application\/dicom$/;

/** Where files like these usually belong; DICOM rarely has a type that the browser knows. */
export function usualSection(files: Pick<File, "name" | "type">[]): Section {
  const arePictures = files.every(({ name, type }) => PICTURES.test(type) || /\.(dcm|dicom)$/i.test(name));
  return arePictures ? "imaging" : "documents";
}
