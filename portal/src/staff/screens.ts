/** Every screen with its address, for staff and for clients; each is loaded when it is first opened. */
import type { Component } from "svelte";
import { match } from "./router.svelte";

type Params = Record<string, string>;
// Svelte's components are typed by their props, which the pattern of the address gives.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Screen = () => Promise<{ default: Component<any> }>;

// One screen for all tabs of a thing, so that going from tab to tab does not read the thing again.
const client: Screen = () => import("./clients/Client.svelte");
const record: Screen = () => import("./records/Record.svelte");

const inbox: Screen = () => import("./inbox/Room.svelte");
const folders: Screen = () => import("./folders/Room.svelte");
const retention: Screen = () => import("./retention/Room.svelte");

const paper: Screen = () => import("./mine/Paper.svelte");
const notices: Screen = () => import("./mine/Notices.svelte");

type Screens = [pattern: string, screen: Screen][];

const OF_STAFF: Screens = [
  ["/app/clients", () => import("./clients/Clients.svelte")],
  ["/app/clients/new", () => import("./clients/Register.svelte")],
  ["/app/clients/:client", client],
  ["/app/clients/:client/:tab", client],
  ["/app/charts", () => import("./charts/Charts.svelte")],
  ["/app/charts/:chart/records/:record", record],
  ["/app/charts/:chart/records/:record/:tab", record],
  ["/app/add", () => import("./add/Add.svelte")],
  ["/app/inbox", inbox],
  ["/app/inbox/:tab", inbox],
  ["/app/spaces", () => import("./spaces/Spaces.svelte")],
  ["/app/spaces/:space", () => import("./spaces/Space.svelte")],
  ["/app/sessions", () => import("./sessions/Sessions.svelte")],
  ["/app/sessions/:session", () => import("./sessions/Session.svelte")],
  ["/app/center", () => import("./sessions/Center.svelte")],
  ["/app/caseloads", () => import("./caseloads/Caseloads.svelte")],
  ["/app/caseloads/:member", () => import("./caseloads/Caseload.svelte")],
  ["/app/folders", folders],
  ["/app/folders/stocktakes/:stocktake", () => import("./folders/Stocktake.svelte")],
  ["/app/folders/labels/:place", () => import("./folders/Labels.svelte")],
  ["/app/folders/:tab", folders],
  ["/app/retention", retention],
  ["/app/retention/holds/:hold", () => import("./retention/Hold.svelte")],
  ["/app/retention/dispositions/:disposition", () => import("./retention/Disposition.svelte")],
  ["/app/retention/charts/:chart", () => import("./retention/ChartGone.svelte")],
  ["/app/retention/clients/:client", () => import("./retention/ClientFacts.svelte")],
  ["/app/retention/:tab", retention],
  ["/app/audit", () => import("./audit/Audit.svelte")],
  ["/app/settings", () => import("./settings/Settings.svelte")],
  ["/app/settings/members/:member", () => import("./settings/Member.svelte")],
];

/** For clients and who stands for them. A record has the address it has for staff, so that it can be told. */
const OF_CLIENTS: Screens = [
  ["/app/mine", () => import("./mine/Home.svelte")],
  ["/app/mine/:client", () => import("./mine/Person.svelte")],
  ["/app/charts/:chart/records/:record", paper],
  ["/app/charts/:chart/records/:record/:tab", paper],
  ["/app/inbox", notices],
  ["/app/inbox/:tab", notices],
];

/** The screen of a path, with what the path names. */
export function screenOf(path: string, isClient: boolean): { screen: Screen; params: Params } | undefined {
  for (const [pattern, screen] of isClient ? OF_CLIENTS : OF_STAFF) {
    const params = match(pattern, path);
    if (params) return { screen, params };
  }
  return undefined;
}
