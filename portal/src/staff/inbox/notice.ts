/** Where what a notice tells of can be looked at. */
import type { components } from "../../api/schema";

type Notice = Pick<
  components["schemas"]["NoticeView"],
  "reason" | "chart_id" | "record_id" | "space_id" | "hold_id" | "disposition_id"
>;

const ROOMS: Partial<Record<Notice["reason"], string>> = {
  transfer_offered: "/app/inbox/transfers",
  space_invitation: "/app/spaces",
  incident_to_assess: "/app/folders/incidents",
  escrow_to_approve: "/app/settings",
};

/** The worklists are for who keeps retention; owners are told of their charts. */
const WORKLISTS: Partial<Record<Notice["reason"], string>> = {
  retention_ending: "/app/retention/outlook",
  retention_ended: "/app/retention/eligible",
  retention_unknown: "/app/retention/unknown",
};

export function addressOf(one: Notice, seesRetention: boolean): string | undefined {
  if (one.hold_id) return `/app/retention/holds/${one.hold_id}`;
  if (one.disposition_id) {
    return seesRetention ? `/app/retention/dispositions/${one.disposition_id}` : undefined;
  }
  const worklist = WORKLISTS[one.reason];
  if (worklist && seesRetention) return worklist;
  if (one.space_id) return `/app/spaces/${one.space_id}`;
  const room = ROOMS[one.reason];
  if (room) return room;
  if (one.chart_id && one.record_id) return `/app/charts/${one.chart_id}/records/${one.record_id}`;
  return (one.chart_id && one.reason !== "sharing_ended") || worklist ? "/app/charts" : undefined;
}
