/** What was destroyed of a chart, page by page. Asking is recorded. */
import { must } from "../../api/client";
import type { components } from "../../api/schema";
import { Pages } from "../../ui/loaded.svelte";
import { api } from "../session.svelte";

export type GoneRecord = components["schemas"]["GoneRecord"];

export const goneOf = (chart: () => string) =>
  new Pages<GoneRecord>(async (cursor) => {
    const params = { path: { chart_id: chart() }, query: { cursor } };
    const page = await must(api().GET("/charts/{chart_id}/destroyed-records", { params }));
    return { items: page.records, next: page.next };
  });
