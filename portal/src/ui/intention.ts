/** A write that somebody means to happen once: asked again unchanged, it is the same call with the same key. */
import { idempotencyKey } from "../api/client";

export class Intention<Body> {
  #said = "";
  #made: { key: string; body: Body } | undefined;

  /** The call for what is in the form now; what `make` adds, such as the time, stays as it was for a repetition. */
  of(inputs: unknown, make: () => Body): { key: string; body: Body } {
    const said = JSON.stringify(inputs);
    if (!this.#made || said !== this.#said) {
      this.#said = said;
      this.#made = { key: idempotencyKey(), body: make() };
    }
    return this.#made;
  }

  /** It has been done: the same again is another intention. */
  fulfil(): void {
    this.#made = undefined;
  }
}
