import type { components } from "../api/schema";

/** Caseloads: who has how many charts, and handing them on; never what is in them. */
export const caseloads = {
  title: "Caseloads",
  ofMember: "Charts of a member",
  intro:
    "Who has how many charts. You hand charts from one practitioner to another, and never see what is in them.",
  none: "Nobody has a chart yet",
  noneText: "Practitioners appear here with the charts they open.",
  notYours: "Caseloads are for coordinators",
  notYoursText: "Ask an administrator of your organization to make you one.",
  toStart: "To the start",
  practitioner: "Practitioner",
  charts: "Institutional, in whole or in part",
  confidential: "Confidential",
  underWay: "Being transferred",
  left: "Has left",
  back: "All caseloads",
  held: "Charts",
  heldNone: "No chart that you may name.",
  confidentialText: (count: number) =>
    count === 1
      ? "And 1 confidential chart. Its owner hands it on."
      : `And ${count} confidential charts. Their owner hands them on.`,
  confidentialLeft: (count: number) =>
    count === 1
      ? "And 1 confidential chart. As they have left, it goes along when you transfer all."
      : `And ${count} confidential charts. As they have left, these go along when you transfer all.`,
  opened: (when: string) => `opened ${when}`,
  offeredTo: (who: string) => `Offered to ${who}`,
  choose: (name: string) => `Choose the chart of ${name}`,
  all: "All charts",
  transfer: "Transfer",
  transferTitle: (count: number) => (count === 1 ? "Transfer 1 chart" : `Transfer ${count} charts`),
  transferAll: "Transfer all charts",
  offer: "Offer",
  under: "Sharing goes on while the new owner has not answered.",
  done: (offered: number, skipped: number) =>
    `${offered} ${offered === 1 ? "chart is" : "charts are"} offered${skipped ? `, ${skipped} passed over` : ""}`,
  skipped: "Passed over",
  reasons: {
    not_found: "It is no chart of theirs that you hand on.",
    in_transfer: "It is offered to somebody already.",
    too_many_transfers: "It has changed hands too often.",
    changed_meanwhile: "Somebody changed it at the same moment. Try again.",
  } satisfies Record<components["schemas"]["SkipReason"], string>,
};
