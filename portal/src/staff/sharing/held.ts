/** How a chart is held, as its page has it, and the calls that its page makes. */
import { must } from "../../api/client";
import type { components, paths } from "../../api/schema";
import { everyPage } from "../folders/every-page";
import { api } from "../session.svelte";

const GRANTS = "/charts/{chart_id}/grants" as const;

export type Chart = components["schemas"]["ChartView"];
export type Access = components["schemas"]["AccessType"];
export type Grants = paths[typeof GRANTS]["get"]["responses"][200]["content"]["application/json"];
export type Grant = Grants["grants"][number];
export type Offer = components["schemas"]["TransferView"];
export type Section = components["schemas"]["TransferSection"];

export const ACCESSES: readonly Access[] = ["read_only", "read_and_write", "approval"];

/** What a transfer always hands over, and what may be left out (R092). */
export const ALWAYS: readonly Section[] = ["overview", "progress_notes", "general_documents"];
export const CHOSEN: readonly Section[] = ["confidential_information", "raw_data"];

export const of = (chart: string) => ({ path: { chart_id: chart } });

export const readGrants = (chart: string): Promise<Grants> => must(api().GET(GRANTS, { params: of(chart) }));

/** The offer of a chart of one's own that waits for an answer. */
export async function readOffer(chart: string): Promise<Offer | undefined> {
  const offers = await everyPage(async (cursor) => {
    const page = await must(api().GET("/transfers", { params: { query: { limit: 100, cursor } } }));
    return { items: page.transfers, next: page.next };
  });
  return offers.find((offer) => offer.chart?.id === chart);
}

/** The charts of a client that the member may open: their own first. */
export async function readCharts(client: string, me: string): Promise<Chart[]> {
  const path = { client_id: client };
  const { charts } = await must(api().GET("/clients/{client_id}/charts", { params: { path } }));
  return charts.toSorted((one, other) => Number(other.owner === me) - Number(one.owner === me));
}

/** Whether a day can be the last one of a grant; none is no end. */
export const isLastDay = (day: string, today: string): boolean => day === "" || day >= today;
