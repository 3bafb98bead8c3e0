import { beforeEach, describe, expect, it, vi } from "vitest";

/** A browser's history of one window, which tells of going back and forward a moment later, as browsers do. */
class Browser {
  entries: { state: unknown; url: string }[];
  index = 0;
  moved: ((event: { state: unknown }) => void) | undefined;

  constructor(url: string) {
    this.entries = [{ state: null, url }];
  }
  get here() {
    return this.entries[this.index] ?? { state: null, url: "/" };
  }
  get state() {
    return this.here.state;
  }
  get location() {
    return new URL(this.here.url, "https://portal.example");
  }
  get path() {
    return this.location.pathname;
  }
  replaceState(state: unknown, _: string, url = this.here.url) {
    this.entries[this.index] = { state, url };
  }
  pushState(state: unknown, _: string, url: string) {
    this.entries.splice(++this.index, Infinity, { state, url });
  }
  go(steps: number) {
    queueMicrotask(() => {
      this.index += steps;
      this.moved?.({ state: this.state });
    });
  }
  /** As a link to a place on the page does it. */
  toPlace(hash: string) {
    this.pushState(null, "", this.location.pathname + hash);
    this.moved?.({ state: null });
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));
let browser: Browser;

/** The router as a page has it that begins at an address. */
async function startAt(url: string) {
  browser = new Browser(url);
  vi.resetModules();
  vi.stubGlobal("history", browser);
  const of = (name: "pathname" | "search" | "hash") => ({ get: () => browser.location[name] });
  vi.stubGlobal(
    "location",
    Object.defineProperties(
      {},
      { pathname: of("pathname"), search: of("search"), hash: of("hash") },
    ) as Location,
  );
  vi.stubGlobal("scrollTo", () => undefined);
  vi.stubGlobal("document", { addEventListener: () => undefined });
  vi.stubGlobal("addEventListener", (_: string, listener: Browser["moved"]) => (browser.moved = listener));
  const router = await import("./router.svelte");
  router.followLinks();
  return router;
}

describe("the browser's Back", () => {
  let router: Awaited<ReturnType<typeof startAt>>;
  beforeEach(async () => {
    router = await startAt("/app/clients");
    router.go("/app/add");
    router.go("/app/inbox");
  });

  it("goes where it leads", async () => {
    browser.go(-1);
    await settled();
    expect([router.place.path, browser.path]).toEqual(["/app/add", "/app/add"]);
    browser.go(1);
    await settled();
    expect(router.place.path).toBe("/app/inbox");
  });

  it("asks before what would be lost, and stays where somebody would rather stay", async () => {
    const guard = vi.fn(() => false);
    const stop = router.beforeLeaving(guard);
    browser.go(-2);
    await settled();
    expect([router.place.path, browser.path, browser.index]).toEqual(["/app/inbox", "/app/inbox", 2]);
    expect(guard).toHaveBeenCalledTimes(1);
    browser.go(-1);
    await settled();
    expect([router.place.path, browser.index, guard.mock.calls.length]).toEqual(["/app/inbox", 2, 2]);
    guard.mockReturnValue(true);
    browser.go(-2);
    await settled();
    expect([router.place.path, browser.index]).toEqual(["/app/clients", 0]);
    stop();
    browser.go(1);
    await settled();
    expect([router.place.path, guard.mock.calls.length]).toEqual(["/app/add", 3]);
  });

  it("asks also on the way forward, and counts anew from where somebody went on", async () => {
    browser.go(-1);
    await settled();
    const stop = router.beforeLeaving(() => false);
    browser.go(1);
    await settled();
    expect([router.place.path, browser.index]).toEqual(["/app/add", 1]);
    stop();
    router.go("/app/charts");
    router.beforeLeaving(() => false);
    browser.go(-2);
    await settled();
    expect([router.place.path, browser.index]).toEqual(["/app/charts", 2]);
  });

  it("does not ask about a place on the page, and keeps what the page shows", async () => {
    router.setQuery({ name: "okafor" });
    const guard = vi.fn(() => false);
    router.beforeLeaving(guard);
    browser.toPlace("#content");
    expect(router.place.query.get("name")).toBe("okafor");
    browser.go(-1);
    await settled();
    expect([router.place.path, browser.index, guard.mock.calls.length]).toEqual(["/app/inbox", 2, 0]);
    browser.go(1);
    await settled();
    browser.go(-2);
    await settled();
    expect([router.place.path, browser.index, guard.mock.calls.length]).toEqual(["/app/inbox", 3, 1]);
  });
});
