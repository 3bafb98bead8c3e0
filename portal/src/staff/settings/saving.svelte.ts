import { idempotencyKey } from "../session.svelte";

/** One thing that is saved: whether it is under way, and what went wrong. */
export class Saving {
  busy = $state(false);
  problem = $state.raw<unknown>();
  #key = "";
  #intention = "";

  /** Saves; the same content tried again is the same intention, and one effect. `undefined` where it failed. */
  async run<T>(
    content: unknown,
    save: (headers: Record<string, string>) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.busy) return undefined;
    const intention = JSON.stringify(content);
    if (intention !== this.#intention) this.#key = idempotencyKey();
    this.#intention = intention;
    this.busy = true;
    this.problem = undefined;
    try {
      const saved = await save({ "idempotency-key": this.#key });
      this.#intention = "";
      return saved;
    } catch (thrown) {
      this.problem = thrown;
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
