/** The colleagues of the organization that is acted in, read once: for names, and for choosing somebody. */
import { must } from "../api/client";
import type { components } from "../api/schema";
import { people as words } from "../texts/settings";
import { everyPage } from "./folders/every-page";
import { api, context } from "./session.svelte";

export type Member = components["schemas"]["MemberView"];

const byName = (one: Member, other: Member) => one.name.localeCompare(other.name);

class People {
  #all = $state.raw<Member[]>([]);
  #organization = "";
  #loading: Promise<void> | undefined;

  /** Everybody, the invited and the suspended included, by name. */
  get all(): Member[] {
    return this.#all;
  }

  /** Those who can be asked to do something now. */
  readonly list: Member[] = $derived(this.#all.filter((one) => one.status === "active"));
  readonly #names = $derived(new Map(this.#all.map((one) => [one.member_id, one.name])));

  /** Reads them once; who may not list them, or cannot right now, gets none and no error. */
  load(): Promise<void> {
    const { organization_id: organization } = context();
    if (this.#organization !== organization) {
      this.#organization = organization;
      this.#all = [];
      this.#loading = undefined;
    }
    this.#loading ??= this.reload().catch(() => {
      // Asked again by the next screen that needs them.
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** Reads them anew, and says so if that fails. */
  async reload(): Promise<void> {
    const { organization_id: organization } = context();
    const all = await everyPage(async (cursor) => {
      const page = await must(api().GET("/members", { params: { query: { limit: 100, cursor } } }));
      return { items: page.members, next: page.next };
    });
    if (organization !== context().organization_id) return;
    this.#organization = organization;
    this.#all = all.sort(byName);
  }

  /** Takes over a member as the API has just answered them. */
  put(member: Member): void {
    const others = this.#all.filter((one) => one.member_id !== member.member_id);
    this.#all = [...others, member].sort(byName);
  }

  /** The member's name; a neutral word for who is not known here. */
  nameOf(id: string | null | undefined): string {
    if (!id) return words.somebody;
    if (id === context().member_id) return this.#names.get(id) ?? words.you;
    return this.#names.get(id) ?? words.somebody;
  }

  /** What the API calls a member, or else the name that is known here. */
  called({ name, member_id }: { name?: string | null; member_id: string }): string {
    return name ?? this.nameOf(member_id);
  }
}

export const people = new People();
