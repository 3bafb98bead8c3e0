/** What is written for a client, as who stands for them reads it. */
import { must } from "../../api/client";
import { api } from "../session.svelte";

export const readTimeline = (client: string, query: { cursor?: string | undefined; limit?: number }) =>
  must(api().GET("/clients/{client_id}/timeline", { params: { path: { client_id: client }, query } }));

export type Timeline = Awaited<ReturnType<typeof readTimeline>>;
