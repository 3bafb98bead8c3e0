/** Words of opening a chart for a legal cause: two administrators together, and its owner knows. */
import type { components } from "../api/schema";

export const escrows = {
  causes: {
    oha_investigation: "Investigation by the Oregon Health Authority",
    court_order: "Order of a court",
    facilitator_died: "The owner has died",
    facilitator_incapacitated: "The owner cannot act for themselves",
  } satisfies Record<components["schemas"]["EscrowCause"], string>,
  statuses: {
    requested: "Asked for",
    open: "Open",
    over: "Over",
    refused: "Refused",
    withdrawn: "Taken back",
    ended: "Ended",
  } satisfies Record<components["schemas"]["EscrowStatus"], string>,
  until: (when: string) => `until ${when}`,
  asked: (who: string, when: string) => `Asked for by ${who} on ${when}.`,
  approvedBy: (who: string) => `Approved by ${who}.`,

  // ---- What the owner of a chart sees
  owner: "Access by the organization",
  ownerText:
    "Your chart is yours alone. For a legal cause, two administrators together can open it to read. You are told, and each opening is in the audit trail.",
  ownerNone: "Nobody has asked for it.",

  // ---- What administrators see
  title: "Open a chart for a legal cause",
  text: "A chart is its owner's alone. You can open it to read only together with another administrator, for a cause the law names. Its owner is told. Raw data, psychotherapy notes and drafts stay closed.",
  none: "No chart is opened",
  ofOwner: (who: string) => `A chart of ${who}`,
  read: "Read the chart",
  readCause: "You read it for a legal cause. What you open is in the audit trail.",
  readNone: "Nothing is filed in it.",
  chart: "Chart",
  chartHint: "Its number, as the audit trail or the reach of its owner has it.",
  chartWrong: "A chart's number has 36 characters, such as 0199a000-0000-7000-8000-000000000004.",
  cause: "Cause",
  reference: "What names it",
  referenceHint: "The number of the case, the date of the order. The chart's owner reads it.",
  referenceMissing: "Say what names the cause.",
  days: "Days",
  daysHint: "1 to 30, from the approval on.",
  daysWrong: "Choose 1 to 30 days.",
  ask: "Ask to open it",
  askedFor: "Asked for. Another administrator decides.",
  approve: "Approve",
  approveOf: (who: string) => `Approve that a chart of ${who} is opened`,
  approved: "The chart is open to both of you",
  refuse: "Refuse",
  refuseOf: (who: string) => `Refuse that a chart of ${who} is opened`,
  refused: "Refused; the chart stays closed",
  takeBack: "Take back",
  takeBackOf: (who: string) => `Take back that a chart of ${who} is opened`,
  end: "End",
  endOf: (who: string) => `End that a chart of ${who} is open`,
  closed: "The chart is closed",
};
