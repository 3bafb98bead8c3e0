/** Collects a whole trail into a CSV file, page by page; it can be stopped, and goes on where it stopped. */
import { asProblem, type ApiProblem } from "../../api/problem";
import { csvHead, csvLines } from "./csv";
import { readTrailPage, type Asked, type Entry, type Of } from "./trail";

/** Spreadsheets take a file for UTF-8 by this mark. */
const UTF8_MARK = "\uFEFF";
const TRIES = 5;
const FIRST_WAIT_MS = 500;

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Export {
  stage = $state<"idle" | "running" | "stopped" | "done">("idle");
  /** Entries collected so far. */
  count = $state(0);
  problem = $state.raw<ApiProblem>();
  #lines: string[] = [];
  #next: string | undefined;

  constructor(
    readonly of: Of,
    readonly asked: Asked,
    client: string,
  ) {
    this.#lines = [UTF8_MARK, csvHead(client)];
  }

  /** Starts with what is on the screen already: reading a trail leaves traces in it, so nothing is read twice. */
  begin(shown: Entry[], next: string | undefined): Promise<Blob | undefined> {
    this.#take(shown, next);
    return this.run();
  }

  /** Goes on until the end, or until it is stopped; the file, if there is one. */
  async run(): Promise<Blob | undefined> {
    this.stage = "running";
    this.problem = undefined;
    try {
      while (this.#next && this.#isRunning()) {
        const page = await this.#page(this.#next);
        this.#take(page.evidence, page.next ?? undefined);
      }
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.stage = "stopped";
    }
    if (this.#next) return undefined;
    this.stage = "done";
    return new Blob(this.#lines, { type: "text/csv;charset=utf-8" });
  }

  stop(): void {
    if (this.stage === "running") this.stage = "stopped";
  }

  #isRunning(): boolean {
    return this.stage === "running";
  }

  #take(entries: Entry[], next: string | undefined): void {
    this.#lines.push(csvLines(entries));
    this.count += entries.length;
    this.#next = next;
  }

  /** A page; what passes by itself is waited for. */
  async #page(cursor: string) {
    for (let turn = 1; ; turn += 1) {
      try {
        return await readTrailPage(this.of, this.asked, cursor);
      } catch (thrown) {
        if (turn === TRIES || !asProblem(thrown).isPassing || !this.#isRunning()) throw thrown;
        await rest(FIRST_WAIT_MS * 2 ** turn);
      }
    }
  }
}
