/** The inbox as a list that brings itself up to date while somebody looks at it. */
import { must } from "../../api/client";
import { inbox as texts } from "../../texts/inbox";
import { announce } from "../../ui/announce.svelte";
import { Pages } from "../../ui/loaded.svelte";
import { api } from "../session.svelte";
import type { Contribution, Renewal } from "./contribution";

const EVERY_MS = 30_000;
/** While a file is being checked its turn comes soon. */
const SOON_MS = 5_000;

export class Arrivals extends Pages<Contribution> {
  /** Whether the last quiet look failed. */
  stale = $state(false);
  /** People whose link has ended and who ask for another. */
  renewals = $state.raw<Renewal[]>([]);
  /** Decided on here; a list that was under way before does not bring them back. */
  #decided = new Set<string>();

  constructor() {
    super((cursor) => this.#page(cursor));
  }

  async #page(cursor?: string) {
    const got = await must(api().GET("/contributions", { params: { query: { cursor } } }));
    // They come with the first page.
    if (!cursor) this.renewals = got.renewals;
    return { items: got.contributions, next: got.next };
  }

  /** Takes one out that is decided on. */
  leave(id: string): void {
    this.#decided.add(id);
    this.items = this.items.filter((one) => one.id !== id);
  }

  /** Looks whether something has come or changed, without disturbing anybody. */
  async look(): Promise<void> {
    if (this.busy || !this.loaded) return;
    try {
      this.#merge((await this.#page()).items);
      this.stale = false;
    } catch {
      this.stale = true;
    }
  }

  #merge(newest: Contribution[]): void {
    const now = newest.filter((one) => !this.#decided.has(one.id));
    const known = new Set(this.items.map((one) => one.id));
    const fresh = now.filter((one) => !known.has(one.id));
    const seen = new Set(now.map((one) => one.id));
    const last = now.at(-1);
    // Older pages stay as they were loaded; what is newer than the last of the first page and not in it has gone.
    const older = last
      ? this.items.filter((one) => !seen.has(one.id) && one.received_at < last.received_at)
      : [];
    this.items = [...now, ...(this.next ? older : [])];
    if (fresh.length) announce(texts.arrived(fresh.length));
  }

  /** Looks again and again while the page is visible; gives the way to stop. */
  watch(): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const next = () => {
      const soon = this.items.some((one) => one.state === "inspecting");
      timer = setTimeout(turn, soon ? SOON_MS : EVERY_MS);
    };
    const turn = async () => {
      if (document.visibilityState === "visible") await this.look();
      next();
    };
    next();
    return () => clearTimeout(timer);
  }
}
