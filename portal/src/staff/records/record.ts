/** A record as its page has it, and the calls that its page makes. */
import { must } from "../../api/client";
import type { components, paths } from "../../api/schema";
import { isShownInPlace, type Facts, type Source } from "../../viewers/view";
import { api } from "../session.svelte";

const RECORD = "/charts/{chart_id}/records/{record_id}" as const;
export type Shown = paths[typeof RECORD]["get"]["responses"][200]["content"]["application/json"];
export type File = components["schemas"]["FileView"];
export type Version = components["schemas"]["VersionView"];
export type Note = components["schemas"]["NoteContent"];

export const at = (chart: string, record: string) => ({ path: { chart_id: chart, record_id: record } });

export const readRecord = (chart: string, record: string): Promise<Shown> =>
  must(api().GET(RECORD, { params: at(chart, record) }));

export async function downloadAddress(chart: string, record: string, version?: number, inline = false) {
  const body = { inline, version };
  const signed = await must(
    api().POST("/charts/{chart_id}/records/{record_id}/downloads", { params: at(chart, record), body }),
  );
  return signed.request.url;
}

async function previewAddress(chart: string, record: string, version?: number) {
  const params = at(chart, record);
  const signed = await must(
    api().POST("/charts/{chart_id}/records/{record_id}/previews", { params, body: { version } }),
  );
  return signed.request.url;
}

/** A version of a file, as the viewers take it. */
export function sourceOf(chart: string, record: string, file: File, facts: unknown): Source {
  return {
    fileName: file.file_name,
    mediaType: file.media_type,
    sizeBytes: file.size_bytes,
    hasPreview: file.has_preview,
    facts: contentFacts(facts),
    address: () => downloadAddress(chart, record, file.version, isShownInPlace(file.media_type)),
    previewAddress: () => previewAddress(chart, record, file.version),
  };
}

/** What inspection found in the content; of anything else there are no facts. */
export function contentFacts(facts: unknown): Facts {
  const content = (facts as { content?: unknown } | null | undefined)?.content;
  return typeof content === "object" && content !== null ? (content as Facts) : {};
}
