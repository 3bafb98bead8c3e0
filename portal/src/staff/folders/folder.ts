/** A folder or place as a scan of its label finds it, and a folder as each act on it leaves it. */
import { must } from "../../api/client";
import type { components, paths } from "../../api/schema";
import { api } from "../session.svelte";

/** What has a barcode. */
type Scanned = paths["/barcodes/{barcode}"]["get"]["responses"][200]["content"]["application/json"];
export type Found = components["schemas"]["FoundFolder"];
export type Acted = components["schemas"]["FolderAnswer"];
type Custody =
  paths["/charts/{chart_id}/records/{record_id}/custody"]["get"]["responses"][200]["content"]["application/json"];
export type CustodyEntry = Custody["custody"][number];

export const findBarcode = (barcode: string): Promise<Scanned> =>
  must(api().GET("/barcodes/{barcode}", { params: { path: { barcode } } }));

/** What is done with a folder. */
export type Act =
  | { act: "check-out"; to: string; due_on: string }
  | { act: "check-in"; location_id: string; position: string | null }
  | { act: "move"; to: string }
  | { act: "missing" }
  | { act: "label" };

/** Does it to the folder as it was seen. */
export function perform(
  folder: Pick<Found, "chart_id" | "record_id" | "revision">,
  act: Act,
  headers: Record<string, string>,
): Promise<Acted> {
  const params = { path: { chart_id: folder.chart_id, record_id: folder.record_id } };
  const expected_revision = folder.revision;
  switch (act.act) {
    case "check-out": {
      const body = { expected_revision, to: act.to, due_on: act.due_on };
      return must(api().POST("/charts/{chart_id}/records/{record_id}/check-out", { params, body, headers }));
    }
    case "check-in": {
      const body = { expected_revision, location_id: act.location_id, position: act.position };
      return must(api().POST("/charts/{chart_id}/records/{record_id}/check-in", { params, body, headers }));
    }
    case "move": {
      const body = { expected_revision, to: act.to };
      return must(api().POST("/charts/{chart_id}/records/{record_id}/move", { params, body, headers }));
    }
    case "missing": {
      const body = { expected_revision };
      return must(api().POST("/charts/{chart_id}/records/{record_id}/missing", { params, body, headers }));
    }
    case "label": {
      const body = { expected_revision };
      return must(api().POST("/charts/{chart_id}/records/{record_id}/barcode", { params, body, headers }));
    }
  }
}

/** Who had a folder and where it was. */
export const readCustody = (chart_id: string, record_id: string, cursor?: string): Promise<Custody> =>
  must(
    api().GET("/charts/{chart_id}/records/{record_id}/custody", {
      params: { path: { chart_id, record_id }, query: { cursor, limit: 100 } },
    }),
  );
