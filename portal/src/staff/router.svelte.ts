/** Addresses of the staff's pages: everything below `/app`, so that none is mistaken for one of the API's. */

export const BASE = "/app";

/**
 * Where the browser is. What people search by stands behind `#?`, which no server is sent and so none logs; links may
 * name ids in a plain query.
 */
export const place = $state({ path: location.pathname, query: query() });

function query(): URLSearchParams {
  const kept = new URLSearchParams(isQuery(location.hash) ? location.hash.slice(2) : "");
  return new URLSearchParams([...new URLSearchParams(location.search), ...kept]);
}

function isQuery(fragment: string): boolean {
  return fragment.startsWith("#?");
}

function address(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text ? `${path}#?${text}` : path;
}

function arrive(): void {
  place.path = location.pathname;
  place.query = query();
}

/** Asked before a page is left; `false` keeps it. */
type Guard = () => boolean;
const guards = new Set<Guard>();

/** Lets a screen with unsaved work have a say; gives the way to stop that. */
export function beforeLeaving(guard: Guard): () => void {
  guards.add(guard);
  return () => guards.delete(guard);
}

const mayLeave = (): boolean => [...guards].every((guard) => guard());

/** The number of a place in the history of this window, if this page has given it one. */
function numberOf(state: unknown): number | undefined {
  if (typeof state !== "object" || state === null || !("at" in state)) return undefined;
  return typeof state.at === "number" ? state.at : undefined;
}

/** The number of the place that is shown: how far it is from any other that the browser goes to by itself. */
let at = numberOf(history.state) ?? 0;
/** The place that the browser is sent back to, as it was not to be left. */
let keptAt: number | undefined;

/** Goes to an address inside the portal. */
export function go(to: string, how: "push" | "replace" = "push"): void {
  if (!mayLeave()) return;
  if (how === "push") at += 1;
  if (how === "replace") history.replaceState({ at }, "", to);
  else history.pushState({ at }, "", to);
  arrive();
  if (how === "push") scrollTo(0, 0);
}

/** Changes the query of the page that is shown, keeping its place; an empty value leaves the name out. */
export function setQuery(values: Record<string, string | undefined>): void {
  const query = new URLSearchParams(place.query);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  history.replaceState({ at }, "", address(place.path, query));
  arrive();
}

/** What a reload is to show, while the page that is shown stays as it is; nothing brings back the place itself. */
export function reloadsAs(to?: string): void {
  history.replaceState({ at }, "", to ?? address(place.path, place.query));
}

/** Whether the browser is at another page, and not at a place on the one that is shown. */
function isElsewhere(): boolean {
  if (location.pathname !== place.path) return true;
  const isOnPage = location.hash !== "" && !isQuery(location.hash);
  return !isOnPage && query().toString() !== place.query.toString();
}

/** The browser went back or forward, which can only be asked about afterwards: where it must not, it is sent back. */
function moved({ state }: PopStateEvent): void {
  const was = at;
  // Where it has gone by itself, to a place on this page, it is one further.
  at = numberOf(state) ?? was + 1;
  if (numberOf(state) === undefined) history.replaceState({ at }, "");
  const isBack = at === keptAt;
  keptAt = undefined;
  if (isBack || !isElsewhere()) return;
  if (at === was || mayLeave()) return arrive();
  keptAt = was;
  history.go(was - at);
}

/** Takes over plain clicks on links to the portal's own pages. */
export function followLinks(): void {
  history.replaceState({ at }, "");
  addEventListener("popstate", moved);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
    // A place on this page, such as the one the skip link leads to, is the browser's own business.
    const kept = isQuery(link.hash) ? link.hash : "";
    if (link.hash && !kept && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname + link.search + kept);
  });
}

/** The named parts of a path that fits a pattern such as `/app/clients/:client`. */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.replace(/\/$/, "").split("/");
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, want] of wanted.entries()) {
    const give = given[index] ?? "";
    if (want.startsWith(":")) {
      if (!give) return undefined;
      found[want.slice(1)] = decodeURIComponent(give);
    } else if (want !== give) return undefined;
  }
  return found;
}
