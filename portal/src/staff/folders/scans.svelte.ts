/** Scans on their way: kept until they are sent, as the cellar has no network. */
import { idempotencyKey, must } from "../../api/client";
import type { components } from "../../api/schema";
import { api } from "../session.svelte";

export type Scanned = components["schemas"]["Scanned"];
/** As many as one call takes. */
const MOST = 200;

export class Scans {
  waiting = $state.raw<string[]>([]);
  /** The newest first. */
  results = $state.raw<Scanned[]>([]);
  problem = $state.raw<unknown>();
  #busy = false;

  constructor(readonly stocktake: string) {
    this.waiting = JSON.parse(sessionStorage.getItem(this.#place) ?? "[]") as string[];
  }

  get #place() {
    return `stocktake-${this.stocktake}`;
  }

  #keep(waiting: string[]) {
    this.waiting = waiting;
    sessionStorage.setItem(this.#place, JSON.stringify(waiting));
  }

  /** Takes a scan; the same one twice is one. */
  add(barcode: string) {
    const text = barcode.trim();
    if (!text || this.waiting.includes(text)) return;
    this.#keep([...this.waiting, text]);
  }

  /** Sends what waits; what could not be sent waits on. */
  async send(): Promise<void> {
    if (this.#busy || !this.waiting.length) return;
    this.#busy = true;
    this.problem = undefined;
    const batch = this.waiting.slice(0, MOST);
    try {
      const params = { path: { stocktake_id: this.stocktake } };
      const headers = { "idempotency-key": idempotencyKey() };
      const body = { barcodes: batch };
      const sent = await must(api().POST("/stocktakes/{stocktake_id}/scans", { params, headers, body }));
      this.results = [...[...sent.results].reverse(), ...this.results].slice(0, 100);
      this.#keep(this.waiting.filter((one) => !batch.includes(one)));
    } catch (thrown) {
      this.problem = thrown;
    } finally {
      this.#busy = false;
    }
  }
}
