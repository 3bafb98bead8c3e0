/** The calls of a member's upload into a chart. */
import { idempotencyKey, must } from "../../api/client";
import type { components } from "../../api/schema";
import type { Wire } from "../../upload/wire";
import { api } from "../session.svelte";
import { told, type Filing } from "./filing";
import { forget, remember } from "./unfinished";

export type Receipt = components["schemas"]["RecordView"];
type Section = components["schemas"]["Section"];

interface About {
  title: string;
  filing: Filing;
}

/** Starting it again after a lost answer starts nothing twice. */
export function memberWire(file: File, chart: string, { title, filing }: About): Wire<Receipt> {
  const about: { title?: string; section: Section; occurred_on?: string } = told(filing);
  if (title.trim()) about.title = title.trim();
  const newKey = () => ({ "idempotency-key": idempotencyKey() });
  let startKey = newKey();
  const at = (upload_id: string) => ({ path: { chart_id: chart, upload_id } });
  return {
    async start(facts) {
      const params = { path: { chart_id: chart } };
      const body = { ...facts, ...about };
      const started = await must(
        api().POST("/charts/{chart_id}/uploads", { params, headers: startKey, body }),
      );
      // Another start, after this one was given up or has expired, is another upload.
      startKey = newKey();
      // One that goes in a single piece has nothing that could be gone on with.
      if (started.plan.method === "multipart") await remember(file, chart, started.upload_id);
      return started;
    },
    read: (id) => must(api().GET("/charts/{chart_id}/uploads/{upload_id}", { params: at(id) })),
    async sign(id, parts) {
      const headers = newKey();
      const asked = { params: at(id), headers, body: { parts } };
      return (await must(api().POST("/charts/{chart_id}/uploads/{upload_id}/parts", asked))).parts;
    },
    async complete(id) {
      const asked = { params: at(id), headers: newKey() };
      const { record } = await must(api().POST("/charts/{chart_id}/uploads/{upload_id}/completion", asked));
      await forget(file, chart);
      return record;
    },
    async abandon(id) {
      await forget(file, chart);
      await must(
        api().DELETE("/charts/{chart_id}/uploads/{upload_id}", { params: at(id), headers: newKey() }),
      );
    },
  };
}
