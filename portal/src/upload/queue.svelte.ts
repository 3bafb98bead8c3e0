/** Many files on their way, a few at a time; one that fails holds none of the others up. */
import type { Sending } from "./sending.svelte";

const AT_A_TIME = 2;

export class Queue<Receipt> {
  items = $state.raw<Sending<Receipt>[]>([]);
  /** Told of each file that is done. */
  readonly #ondone: ((sending: Sending<Receipt>) => void) | undefined;
  #underWay = 0;

  constructor(ondone?: (sending: Sending<Receipt>) => void) {
    this.#ondone = ondone;
  }

  /** Whether anything is still to be sent without anybody's doing. */
  get busy(): boolean {
    return this.items.some((one) => !["paused", "done", "failed"].includes(one.stage));
  }

  add(...sendings: Sending<Receipt>[]): void {
    this.items = [...this.items, ...sendings];
    this.#next();
  }

  /** Goes on with a paused or failed file, when it is its turn. */
  resume(sending: Sending<Receipt>): void {
    sending.wait();
    this.#next();
  }

  /** Gives a file up, and takes it off the list. */
  async cancel(sending: Sending<Receipt>): Promise<void> {
    const given = sending.cancel();
    this.items = this.items.filter((one) => one !== sending);
    await given;
  }

  /** Takes what is done off the list. */
  clear(): void {
    this.items = this.items.filter((one) => one.stage !== "done");
  }

  #next(): void {
    while (this.#underWay < AT_A_TIME) {
      const next = this.items.find((one) => one.stage === "waiting");
      if (!next) return;
      this.#underWay += 1;
      void this.#see(next);
    }
  }

  async #see(sending: Sending<Receipt>): Promise<void> {
    await sending.start();
    this.#underWay -= 1;
    if (sending.stage === "done") this.#ondone?.(sending);
    this.#next();
  }
}
