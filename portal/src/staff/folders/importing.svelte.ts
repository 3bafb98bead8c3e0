/** A list of folders on its way in: checked part by part, then imported part by part; each can be gone on with. */
import { idempotencyKey, must } from "../../api/client";
import { asProblem, type ApiProblem } from "../../api/problem";
import type { components } from "../../api/schema";
import { api } from "../session.svelte";
import type { Part } from "./import-list";

export type Fault = components["schemas"]["Fault"];

export class Importing {
  readonly all: number;
  /** Rows that a part has been sent of. */
  checked = $state(0);
  sent = $state(0);
  good = $state(0);
  /** Rows that were imported before this list was sent. */
  already = $state(0);
  imported = $state(0);
  refused = $state(0);
  faults = $state.raw<Fault[]>([]);
  problem = $state.raw<ApiProblem>();
  busy = $state<"checking" | "importing">();
  isStopped = false;
  readonly #keys: string[];
  #importId: string | undefined;
  #at = 0;

  constructor(readonly parts: Part[]) {
    this.all = parts.reduce((sum, part) => sum + part.rows, 0);
    this.#keys = parts.map(() => idempotencyKey());
  }

  get isChecked(): boolean {
    return this.checked === this.all;
  }

  get isDone(): boolean {
    return this.isChecked && this.sent === this.all;
  }

  /** Checks the parts against each other and against what there is; goes on where it was cut short. */
  check(): Promise<void> {
    return this.#each("checking", async (part, key) => {
      const body = { csv: part.csv, first_line: part.firstLine, import_id: this.#importId ?? null };
      const headers = { "idempotency-key": `${key}-c` };
      const answer = await must(api().POST("/imports/validation", { body, headers }));
      this.#importId = answer.import_id;
      this.good += answer.good - answer.imported;
      this.already += answer.imported;
      this.faults = [...this.faults, ...answer.faults];
      this.checked += part.rows;
    });
  }

  /** Imports what is good. What is there already is not imported twice, so going on is safe. */
  import(): Promise<void> {
    if (!this.sent) this.faults = [];
    return this.#each("importing", async (part, key) => {
      const body = { csv: part.csv, first_line: part.firstLine };
      const headers = { "idempotency-key": `${key}-i` };
      const answer = await must(api().POST("/imports", { body, headers }));
      this.imported += answer.imported;
      this.refused += answer.refused;
      const faults = answer.rows.flatMap((row) => (row.outcome === "refused" ? row.faults : []));
      this.faults = [...this.faults, ...faults];
      this.sent += part.rows;
    });
  }

  async #each(what: "checking" | "importing", send: (part: Part, key: string) => Promise<void>) {
    if (this.busy) return;
    this.busy = what;
    this.problem = undefined;
    try {
      for (let part = this.parts[this.#at]; part && !this.isStopped; part = this.parts[this.#at]) {
        await send(part, this.#keys[this.#at] ?? "");
        this.#at += 1;
      }
      if (this.#at === this.parts.length) this.#at = 0;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    } finally {
      this.busy = undefined;
    }
  }
}
