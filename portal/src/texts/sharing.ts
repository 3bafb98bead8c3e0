/** Words of a chart's sharing: who may use it, how it is guarded, and to whom it goes. */

export const sharing = {
  tab: "Sharing",

  // ---- Whose chart
  yours: "Your chart",
  theirs: (owner: string) => `The chart of ${owner}`,
  yoursText: (client: string) =>
    `You are responsible for it. By default only you see it. What you share is the whole chart of this ${client}: single records cannot be left out.`,
  theirsText: (owner: string) => `${owner} is responsible for it, and decides who else may use it.`,
  noChart: "You have no chart here",
  noChartText: "Open one from the timeline. Then you can share it.",
  toTimeline: "To the timeline",

  // ---- The access list
  list: "Who may use it",
  nobody: "Nobody but its owner.",
  owner: "Owner",
  you: "you",
  person: "Who",
  may: "What they may do",
  until: "Until",
  always: "No end",
  since: (who: string, when: string) => `Since ${when}, by ${who}`,
  access: {
    read_only: "Read only",
    read_and_write: "Reading and writing",
    approval: "Approval",
  },
  accessText: {
    read_only: "Sees everything in the chart.",
    read_and_write: "Sees everything, and adds notes and documents.",
    approval: "Sees everything, and writes notes that you co-sign: for interns and students.",
  },
  team: "team",
  add: "Add",
  addTitle: "Share the chart",
  addWho: "With whom",
  addChoose: "Choose a colleague or a team",
  addColleagues: "Colleagues",
  addTeams: "Teams",
  addMissing: "Choose whom to share it with.",
  addAccess: "Type of access",
  addUntil: "Until",
  addUntilHint: "The last day on which they see it. Empty for no end.",
  addUntilWrong: "Choose today or a day to come.",
  addWhole:
    "They will see the whole chart: every note and document, the confidential ones too. What is kept apart (raw data, psychotherapy notes, your private notes) is never shared.",
  addNow: "Share",
  added: (who: string) => `The chart is shared with ${who}`,
  change: "Change",
  changeOf: (who: string) => `Change what ${who} may do`,
  changed: "The access is changed",
  remove: "Remove",
  removeOf: (who: string) => `Remove ${who}`,
  removeTitle: (who: string) => `End sharing with ${who}?`,
  removeText: "They lose the chart at once. What they wrote stays in it.",
  removeNow: "End sharing",
  removed: (who: string) => `The chart is no longer shared with ${who}`,
  leave: "Leave this chart",
  leaveTitle: "Leave this chart?",
  leaveText: (owner: string) =>
    `You lose it at once. What you wrote stays in it. Only ${owner} can share it with you again.`,
  leaveNow: "Leave",
  left: "You have left the chart",
  throughTeam: "You have it through a team. Its owner, or an administrator of your teams, can end that.",
  suspended: "The chart is being handed over. Until that is decided, nobody but its owner sees it.",

  // ---- Who can open it, and why
  readers: "Who can open it, and why",
  readersText: "Asked of the rules that decide every time somebody opens it.",
  readersNone: "Nobody can open it.",

  // ---- Confidentiality
  guard: "Confidentiality",
  confidentiality: {
    institutional: "Institutional",
    partially_confidential: "Partially confidential",
    confidential: "Confidential",
  },
  confidentialityText: {
    institutional: "Nothing in it is marked confidential.",
    partially_confidential: "At least one of its records is marked confidential.",
    confidential:
      "The whole chart is marked: coordinators see only that there is one more confidential chart.",
  },
  mark: "Mark the whole chart as confidential",
  unmark: "Take the mark off the chart",
  marked: "The chart is marked as confidential",
  unmarked: "The chart is no longer marked as confidential",
  rawData: (count: number) =>
    count === 1 ? "1 set of raw data is kept apart." : `${count} sets of raw data are kept apart.`,

  // ---- Transfer
  transfer: "Transfer",
  transferText: "Hand the chart to a colleague, who becomes its owner when they accept.",
  transferStart: "Transfer the chart",
  transferTitle: "Transfer the chart",
  transferTo: "To whom",
  transferChoose: "Choose a colleague",
  transferMissing: "Choose who should have it.",
  transferSections: "What goes with it",
  transferAlways: "always",
  sections: {
    overview: "Overview, such as the reason for consultation",
    progress_notes: "Progress notes, drafts included",
    general_documents: "General documents",
    confidential_information: "Confidential information",
    raw_data: "Raw data",
  },
  transferLeft:
    "What you leave out is not deleted: your organization keeps it sealed, as long as the law asks, and nobody opens it.",
  transferCopy: "Keep a read-only copy",
  transferCopyText: "You will see what is in it today, and nothing that is added later.",
  transferNoCopy: "Without a copy the chart leaves your list when it is accepted.",
  transferWait:
    "While the transfer waits for an answer, the people you share with do not see the chart. Afterwards they have again what they had.",
  transferNow: "Offer the chart",
  offered: (who: string) => `The chart is offered to ${who}`,
  pending: (who: string, when: string) => `Offered to ${who} on ${when}. They have not answered yet.`,
  withdraw: "Withdraw the offer",
  withdrawn: "The offer is withdrawn; everything is as it was",
  copyUntil: (when: string) => `Read-only copy: what was in the chart until ${when}.`,

  // ---- Chain of custody
  passages: "Chain of custody",
  passagesNone: "It has had one owner from the beginning.",
  passage: (from: string, to: string, when: string) => `${from} handed it to ${to} on ${when}`,
  passageLeft: (count: number) =>
    count === 1 ? "1 record was left out and is sealed." : `${count} records were left out and are sealed.`,
  passageCopy: "The former owner kept a read-only copy.",
  signature: "Signature",
  chained: "Each step names the one before it and is signed, so that a change of any of them shows.",
};
