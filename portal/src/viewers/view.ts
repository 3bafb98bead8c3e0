/** How a file is looked at, by what inspection found it to be. */

export type View = "dicom" | "picture" | "pdf" | "sound" | "film" | "text" | "preview";

/** What every viewer is given: how to get at the bytes, each time anew as addresses expire. */
export interface Source {
  fileName: string;
  mediaType: string;
  sizeBytes: number;
  hasPreview: boolean;
  facts: Facts;
  /** The address of the bytes, for being looked at here. */
  address(): Promise<string>;
  previewAddress(): Promise<string>;
}

/** What inspection tells of a file's content; every kind has its own. */
export type Facts = Record<string, unknown>;

const TEXT = /^text\/|^application\/(json|xml|x-ndjson)$/;

/** The way to show it; `preview` where only the small picture can be, nothing where there is none. */
export function viewOf(mediaType: string, hasPreview: boolean): View | undefined {
  if (mediaType === "application/dicom") return "dicom";
  if (/^image\/(avif|bmp|gif|jpeg|png|webp)$/.test(mediaType)) return "picture";
  if (mediaType === "application/pdf") return "pdf";
  if (/^audio\/(aac|flac|mp4|mpeg|ogg|wav|webm)$/.test(mediaType)) return "sound";
  // Films of phones (QuickTime) play in most browsers, though none of them promises it.
  if (/^video\/(mp4|ogg|quicktime|webm|x-matroska)$/.test(mediaType)) return "film";
  if (TEXT.test(mediaType)) return "text";
  return hasPreview ? "preview" : undefined;
}

/** Kinds that the API hands out to be shown in place; it keeps the same list. */
const IN_PLACE = new RegExp(
  "^(application/pdf|audio/(aac|flac|mp4|mpeg|ogg|wav|webm)|image/(avif|bmp|gif|jpeg|png|webp)" +
    "|text/plain|video/(mp4|ogg|webm))$",
);

export const isShownInPlace = (mediaType: string): boolean => IN_PLACE.test(mediaType);

/** The bytes; at most `limit` of them, where one is given. */
export async function bytesOf(source: Source, limit?: number): Promise<ArrayBuffer> {
  const headers: Record<string, string> = limit ? { range: `bytes=0-${limit - 1}` } : {};
  const answer = await fetch(await source.address(), { headers, referrerPolicy: "no-referrer" });
  if (!answer.ok) throw new TypeError(`the store answers ${answer.status}`);
  return answer.arrayBuffer();
}
