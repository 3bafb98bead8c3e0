import { asProblem, type ApiProblem } from "../api/problem";

/** Something that is loaded, may fail, and can be loaded again; what was there stays until the new one is. */
export class Loaded<T> {
  value = $state.raw<T>();
  problem = $state.raw<ApiProblem>();
  busy = $state(false);
  #latest = 0;

  /** Loads; of several at once only the last counts. */
  async load(work: () => Promise<T>): Promise<void> {
    const turn = ++this.#latest;
    this.busy = true;
    this.problem = undefined;
    try {
      const value = await work();
      if (turn === this.#latest) this.value = value;
    } catch (thrown) {
      if (turn === this.#latest) this.problem = asProblem(thrown);
    } finally {
      if (turn === this.#latest) this.busy = false;
    }
  }
}

/** A list that comes page by page. */
export class Pages<T> {
  items = $state.raw<T[]>([]);
  next = $state.raw<string | undefined>();
  problem = $state.raw<ApiProblem>();
  busy = $state(false);
  /** Whether a first page has come. */
  loaded = $state(false);
  #latest = 0;

  constructor(readonly fetchPage: (cursor?: string) => Promise<{ items: T[]; next?: string | null }>) {}

  /** Starts over with the first page. */
  async reload(): Promise<void> {
    await this.#take(undefined);
  }

  /** Adds the next page. */
  async more(): Promise<void> {
    if (this.next) await this.#take(this.next);
  }

  async #take(cursor: string | undefined): Promise<void> {
    const turn = ++this.#latest;
    this.busy = true;
    this.problem = undefined;
    try {
      const page = await this.fetchPage(cursor);
      if (turn !== this.#latest) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next ?? undefined;
      this.loaded = true;
    } catch (thrown) {
      if (turn === this.#latest) this.problem = asProblem(thrown);
    } finally {
      if (turn === this.#latest) this.busy = false;
    }
  }
}
