import { Loaded } from "../../ui/loaded.svelte";

/** What a change would change, seen before it is made; it counts for exactly the change that was asked about. */
export class Foreseen<T> {
  readonly #loaded = new Loaded<{ change: string; found: T }>();

  get busy() {
    return this.#loaded.busy;
  }

  get problem() {
    return this.#loaded.problem;
  }

  /** What was seen of this change; nothing if it was another. */
  of(change: string): T | undefined {
    const seen = this.#loaded.value;
    return seen?.change === change ? seen.found : undefined;
  }

  see(change: string, ask: () => Promise<T>): Promise<void> {
    return this.#loaded.load(async () => ({ change, found: await ask() }));
  }
}
