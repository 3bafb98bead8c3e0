/** What was sent and waits for a decision, and how the inbox sorts it. */
import type { components } from "../../api/schema";

export type Contribution = components["schemas"]["ContributionView"];
export type Renewal = components["schemas"]["RenewalView"];
export type Download = components["schemas"]["Download"];
export type Section = components["schemas"]["Section"];

export const FILTERS = ["all", "waiting", "checking", "held"] as const;
export type Filter = (typeof FILTERS)[number];

const STATES: Record<Filter, string[] | undefined> = {
  all: undefined,
  waiting: ["available"],
  checking: ["inspecting"],
  held: ["quarantined", "rejected"],
};

export const fits = (filter: Filter, one: Contribution): boolean =>
  STATES[filter]?.includes(one.state) ?? true;

/** Where files of a class usually belong. */
export function usualSection(one: Contribution): Section {
  return one.class === "dicom" || one.class === "image" ? "imaging" : "documents";
}

/** How the browser can show a file of this type in place; those the API hands out for showing, and no others. */
export function shownAs(mediaType: string): "picture" | "sound" | "film" | "tab" | undefined {
  if (/^image\/(avif|bmp|gif|jpeg|png|webp)$/.test(mediaType)) return "picture";
  if (/^audio\/(aac|flac|mp4|mpeg|ogg|wav|webm)$/.test(mediaType)) return "sound";
  if (/^video\/(mp4|ogg|webm)$/.test(mediaType)) return "film";
  return mediaType === "application/pdf" || mediaType === "text/plain" ? "tab" : undefined;
}
