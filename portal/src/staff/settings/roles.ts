/** An organization's own roles, and what a change of one would change. */
import { must } from "../../api/client";
import type { components, paths } from "../../api/schema";
import { api } from "../session.svelte";
import type { Permissions } from "./permissions";

export type Roles = paths["/roles"]["get"]["responses"][200]["content"]["application/json"];
export type OwnRole = Roles["roles"][number];
export type Allowance = components["schemas"]["Allowance"];
export type MemberDifference = components["schemas"]["MemberDifference"];
export type Supposition = components["schemas"]["Supposition"];
export type Preview =
  paths["/roles/{role_id}/preview"]["post"]["responses"][200]["content"]["application/json"];

export const readRoles = (): Promise<Roles> => must(api().GET("/roles"));

export const previewOf = (role_id: string, permissions: Permissions): Promise<Preview> =>
  must(api().POST("/roles/{role_id}/preview", { params: { path: { role_id } }, body: { permissions } }));

/** What a member would gain and lose if they were given this instead. */
export const previewOfMember = (member_id: string, supposition: Supposition): Promise<MemberDifference> =>
  must(api().POST("/members/{member_id}/preview", { params: { path: { member_id } }, body: supposition }));

/** Whether anything would be different for a member. */
export const differs = ({ gained, lost, types }: MemberDifference): boolean =>
  gained.length + lost.length + types.length > 0;
