import { Intention } from "./intention";

/** One thing that is saved: whether it is under way, and what went wrong. */
export class Saving {
  busy = $state(false);
  problem = $state.raw<unknown>();
  /** Whether it is saved, and nothing was tried since. */
  isDone = $state(false);
  readonly #intention = new Intention<undefined>();

  /** Saves; the same content tried again is the same intention, and one effect. `undefined` where it failed. */
  async run<T>(
    content: unknown,
    save: (headers: Record<string, string>) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.busy) return undefined;
    const { key } = this.#intention.of(content, () => undefined);
    this.busy = true;
    this.problem = undefined;
    this.isDone = false;
    try {
      const saved = await save({ "idempotency-key": key });
      this.#intention.fulfil();
      this.isDone = true;
      return saved;
    } catch (thrown) {
      this.problem = thrown;
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
