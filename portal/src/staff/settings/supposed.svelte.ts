import type { Member } from "../people.svelte";
import type { Role } from "../session.svelte";
import type { Permissions } from "./permissions";
import type { Supposition } from "./roles";

/** What a member is supposed to have while it is asked what they could do: what they have, unless something is chosen. */
export class Supposed {
  /** Nothing, `own`, or a role of the organization's own. */
  chosen = $state("");
  roles = $state<Role[]>([]);
  permissions = $state.raw<Permissions>({});

  constructor(member: Member) {
    this.roles = [...member.roles];
    this.permissions = member.permissions;
  }

  /** Without a role among those supposed there is nobody to ask about. */
  get isWhole(): boolean {
    return this.chosen !== "own" || this.roles.length > 0;
  }

  get supposition(): Supposition | undefined {
    if (!this.chosen) return undefined;
    if (this.chosen !== "own") return { role_id: this.chosen };
    return { roles: this.roles, permissions: this.permissions };
  }
}
