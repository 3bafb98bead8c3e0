/**
 * The chart that a record goes into: the member's own of a client, opened where there is none yet (P-01), or a
 * colleague's that they may write in (P-03).
 */
import { idempotencyKey, must } from "../../api/client";
import { asProblem, type ApiProblem } from "../../api/problem";
import type { components } from "../../api/schema";
import { add as texts } from "../../texts/add";
import { announce } from "../../ui/announce.svelte";
import { api, context } from "../session.svelte";

type Chart = components["schemas"]["ChartView"];

export class OwnChart {
  id = $state<string>();
  /** Charts of colleagues that one may write in. */
  shared = $state.raw<Chart[]>([]);
  /** One of them, where it was chosen instead of one's own. */
  into = $state<string>();
  loaded = $state(false);
  problem = $state.raw<ApiProblem>();
  #opening: Promise<string> | undefined;
  readonly #key = idempotencyKey();

  constructor(readonly client: string) {}

  /** Looks for it. */
  async load(): Promise<void> {
    this.problem = undefined;
    try {
      const path = { client_id: this.client };
      const { charts } = await must(api().GET("/clients/{client_id}/charts", { params: { path } }));
      this.id ??= charts.find((chart) => chart.owner === context().member_id)?.id;
      this.shared = charts.filter(({ relation }) => relation === "read_and_write" || relation === "approval");
      this.loaded = true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  /** Its id; opens it if need be, once however many ask. */
  ensure(): Promise<string> {
    if (this.into) return Promise.resolve(this.into);
    if (this.id) return Promise.resolve(this.id);
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #open(): Promise<string> {
    const headers = { "idempotency-key": this.#key };
    const params = { path: { client_id: this.client } };
    try {
      const chart = await must(api().POST("/clients/{client_id}/charts", { params, headers }));
      announce(texts.chartOpened);
      return (this.id = chart.id);
    } catch (thrown) {
      const problem = asProblem(thrown);
      const there = problem.body["chart_id"];
      // Opened meanwhile, in another window.
      if (problem.code === "chart_exists" && typeof there === "string") return (this.id = there);
      throw problem;
    }
  }
}
