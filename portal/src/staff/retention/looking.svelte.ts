/** Something that is worked out live, page after page: with its progress, and stopped when somebody wants that. */
import { asProblem, type ApiProblem } from "../../api/problem";

interface Page {
  charts: number;
  records: number;
  next?: string | null;
}

export class Looking<P extends Page> {
  charts = $state(0);
  records = $state(0);
  busy = $state(false);
  /** Whether every page has come. */
  isDone = $state(false);
  problem = $state.raw<ApiProblem>();
  #next: string | undefined;
  /** Whoever begins anew, stops what was under way. */
  #turn = 0;

  constructor(
    readonly fetchPage: (after: string | undefined) => Promise<P>,
    readonly take: (page: P) => void,
  ) {}

  get isBegun(): boolean {
    return this.isDone || this.charts > 0 || this.#next !== undefined;
  }

  stop(): void {
    this.#turn += 1;
    this.busy = false;
  }

  /** Begins, or goes on where it was stopped. */
  async look(): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    this.problem = undefined;
    try {
      while (turn === this.#turn && !this.isDone) {
        const page = await this.fetchPage(this.#next);
        if (turn !== this.#turn) return;
        this.charts += page.charts;
        this.records += page.records;
        this.#next = page.next ?? undefined;
        this.take(page);
        this.isDone = this.#next === undefined;
      }
    } catch (thrown) {
      if (turn === this.#turn) this.problem = asProblem(thrown);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }
}
