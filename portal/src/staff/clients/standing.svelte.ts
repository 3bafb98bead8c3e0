/** A change of a client's standing: closing, reopening, merging, taking back. */
import { announce } from "../../ui/announce.svelte";
import { Saving } from "../../ui/saving.svelte";

export class Change extends Saving {
  /** Makes it once, and says so. Gives whether it is done. */
  async make(
    inputs: unknown,
    ask: (headers: Record<string, string>) => Promise<unknown>,
    said: string,
  ): Promise<boolean> {
    const done = await this.run(inputs, async (headers) => {
      await ask(headers);
      return true;
    });
    if (done) announce(said);
    return done ?? false;
  }
}
