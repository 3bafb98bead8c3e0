/** What a client permits, who cares for them together, and who stands for them: the calls of their page. */
import { must } from "../../api/client";
import type { components } from "../../api/schema";
import { everyPage } from "../folders/every-page";
import { api } from "../session.svelte";

export type Consent = components["schemas"]["ConsentView"];
export type Circle = components["schemas"]["CircleView"];
export type Proxy = components["schemas"]["ProxyView"];

const of = (client: string) => ({ path: { client_id: client } });

export const readConsents = (client: string): Promise<Consent[]> =>
  everyPage(async (cursor) => {
    const params = { ...of(client), query: { limit: 100, cursor } };
    const page = await must(api().GET("/clients/{client_id}/consents", { params }));
    return { items: page.consents, next: page.next };
  });

export const readCircle = (client: string): Promise<Circle> =>
  must(api().GET("/clients/{client_id}/circle", { params: of(client) }));

export const readProxies = (client: string): Promise<Proxy[]> =>
  everyPage(async (cursor) => {
    const params = { ...of(client), query: { limit: 100, cursor } };
    const page = await must(api().GET("/clients/{client_id}/proxies", { params }));
    return { items: page.proxies, next: page.next };
  });
