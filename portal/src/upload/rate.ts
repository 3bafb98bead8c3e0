/** How fast bytes go out, over the last few seconds. */

const WINDOW_MS = 8_000;

export class Rate {
  #moved = 0;
  #samples: { at: number; moved: number }[] = [];

  /** Takes note of bytes that went out. */
  note(bytes: number, at = Date.now()): void {
    if (!this.#samples.length) this.#samples.push({ at, moved: this.#moved });
    this.#moved += Math.max(0, bytes);
    this.#samples.push({ at, moved: this.#moved });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) > WINDOW_MS) this.#samples.shift();
  }

  /** Starts over, after a break that says nothing about the line. */
  forget(): void {
    this.#samples = [];
  }

  get bytesPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    return ((last.moved - first.moved) * 1000) / (last.at - first.at);
  }
}
