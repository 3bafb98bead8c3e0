/** The teams of the organization that is acted in, read once: for names, and for choosing one. */
import { must } from "../../api/client";
import type { components } from "../../api/schema";
import { people as words } from "../../texts/settings";
import { everyPage } from "../folders/every-page";
import { people } from "../people.svelte";
import { api, context } from "../session.svelte";

export type Team = components["schemas"]["TeamView"];

class Teams {
  all = $state.raw<Team[]>([]);
  #organization = "";

  /** Reads them where they have not been; who may not list them gets none and no error. */
  async load(): Promise<void> {
    if (this.#organization === context().organization_id) return;
    this.all = [];
    await this.reload().catch(() => undefined);
  }

  async reload(): Promise<void> {
    const { organization_id: organization } = context();
    const all = await everyPage(async (cursor) => {
      const page = await must(api().GET("/teams", { params: { query: { limit: 100, cursor } } }));
      return { items: page.teams, next: page.next };
    });
    if (organization !== context().organization_id) return;
    this.#organization = organization;
    this.all = all.sort((one, other) => one.name.localeCompare(other.name));
  }

  nameOf(id: string): string {
    return this.all.find((team) => team.team_id === id)?.name ?? words.someTeam;
  }
}

export const teams = new Teams();

/** The name of whom something is shared with: a colleague, or a team. */
export const granteeName = ({ type, id }: components["schemas"]["Grantee"]): string =>
  type === "team" ? teams.nameOf(id) : people.nameOf(id);
