/** A change of a client's standing: closing, reopening, merging, taking back. */
import { asProblem, type ApiProblem } from "../../api/problem";
import { announce } from "../../ui/announce.svelte";
import { Intention } from "../inbox/intention";

export class Change {
  busy = $state(false);
  problem = $state.raw<ApiProblem>();
  readonly #intention = new Intention<undefined>();

  /** Makes it once: tried again unchanged, it is the same call. Gives whether it is done. */
  async make(
    inputs: unknown,
    ask: (headers: { "idempotency-key": string }) => Promise<unknown>,
    said: string,
  ): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = undefined;
    try {
      await ask({ "idempotency-key": this.#intention.of(inputs, () => undefined).key });
      announce(said);
      return true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
