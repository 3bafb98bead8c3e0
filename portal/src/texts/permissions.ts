/** Words of teams, of an organization's own roles, and of what a change of them would change. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];
type Held = Schemas["Held"];
type PossibleOn = Schemas["PossibleOn"];
type Status = Schemas["MemberStatus"];

export const teams = {
  title: "Teams",
  text: "Charts can be shared with a team: whoever is in it sees them, and whoever leaves it does not.",
  none: "No team yet",
  name: "Name of the team",
  nameMissing: "Give the team a name.",
  create: "Create a team",
  created: (name: string) => `The team ${name} is there`,
  members: (count: number) => (count === 1 ? "1 member" : `${count} members`),
  who: (team: string) => `Who is in ${team}`,
  nobody: "Nobody yet.",
  add: "Add",
  addWho: (team: string) => `Add to ${team}`,
  choose: "Choose a member",
  added: (name: string) => `${name} is in the team`,
  remove: "Take out",
  removeOf: (name: string, team: string) => `Take out ${name}, of ${team}`,
  removed: (name: string) => `${name} is no longer in the team`,
  dissolve: "Dissolve",
  dissolveOf: (team: string) => `Dissolve ${team}`,
  dissolved: (team: string) => `The team ${team} is dissolved`,
};

export const roles = {
  title: "Roles",
  text: "A role of your own is a set of permissions with a name. Change it, and it changes for everybody who has it, at their next step.",
  none: "No role of your own yet",
  create: "Create a role",
  change: "Change",
  changeOf: (name: string) => `Change the role ${name}`,
  name: "Name of the role",
  nameMissing: "Give the role a name.",
  created: (name: string) => `The role ${name} is there`,
  saved: (name: string) => `The role ${name} is changed`,
  preview: "See what would change",
  previewFirst: "See what would change for whom before you save it.",
  previewNothing: "Nothing would change for anybody.",
  previewSame: {
    active: (name) => `Nothing would change for ${name}.`,
    invited: (name) => `${name} has not signed in yet and has nothing until then: nothing would change now.`,
    suspended: (name) => `${name} is suspended and has nothing: nothing would change now.`,
  } satisfies Record<Status, (name: string) => string>,
  previewFor: (name: string) => `For ${name}`,
  gains: "gains",
  loses: "loses",
  everything: (gained: number, lost: number) => `Everything in detail: ${gained} gained, ${lost} lost`,
  /** Where it is, of what is not in just any chart. */
  places: {
    written_record: "what they have written",
    space: "spaces they are in",
    facilitation: "sessions they facilitate",
    center_facilitation: "sessions at your service center",
    participation: "sessions they have a part in",
    custodian_hold: "legal holds they are custodians of",
  } as Partial<Record<PossibleOn, string>>,
  wouldGain: "They could do this, too:",
  wouldLose: "They could no longer do this:",
  more: "There are more members than are shown here.",
  matrix: "Who may do what",
  matrixText: "What each role comes to, as the rules decide it. Fit to be printed.",
  held: {
    own: "own charts",
    read_only: "charts shared to read",
    approval: "charts shared for approval",
    read_and_write: "charts shared to write",
    offered: "charts offered to them",
    not_shared: "charts of others",
    about_them: "charts about them",
  } satisfies Record<Held, string>,
  nowhere: "—",
  ofMember: "Role",
  ofMemberText: "With a role, its permissions count instead of the ones below.",
  ofMemberNone: "None: the permissions below count",
  assign: "Give this role",
  assigned: "The role is given",
  changes: "Changes",
  changesText: "Every change of roles and permissions, and what was before. Each can be taken back.",
  changesNone: "Nothing was changed yet.",
  changed: {
    role: (who: string, name: string) => `${who} changed the role ${name}`,
    member: (who: string, name: string) => `${who} changed what ${name} may do`,
  },
  takenBack: "It took an earlier change back.",
  revert: "Take back",
  revertOf: (what: string) => `Take back: ${what}`,
  reverted: "The change is taken back",
};

/** What a member can see, and why. */
export const reach = {
  title: "What they can see",
  text: "Asks what decides every call. Charts are named by their identifiers only, and of confidential ones nothing is said. Sessions and spaces are counted. That you asked is recorded.",
  see: "See what they can see",
  again: "Ask again",
  summary: (name: string, owned: number, shared: number) =>
    `${name} has ${charts(owned)} of their own, and ${charts(shared)} shared with them.`,
  role: (name: string) => `Their permissions come from the role ${name}.`,
  standsFor: (people: number) =>
    people === 1
      ? "They stand for 1 person, and see what is meant for this person."
      : `They stand for ${people} people, and see what is meant for these.`,
  more: "They have more of these than could be counted.",
  matrix: "What they may do in a chart of their own",
  owned: "Charts of their own",
  shared: "Charts shared with them",
  copies: "Charts they handed over and kept a copy of",
  asOf: (when: string) => `as it was on ${when}`,
  facilitated: "Sessions they facilitate",
  atCenter: "Sessions of others at your service center",
  sessions: (count: number) => (count === 1 ? "1 session" : `${count} sessions`),
  inSpaces: "Spaces they are in",
  spaces: (count: number) => (count === 1 ? "1 space" : `${count} spaces`),
  sees: (things: string) => `They see ${things}`,
  seesNot: (things: string) => `They do not see ${things}`,
  none: "None.",
  seen: (count: number) => `They see ${charts(count)}`,
  unseen: (count: number) => `They do not see ${charts(count)}`,
  confidential: (count: number) =>
    count === 1
      ? "1 confidential chart: counted, and nothing else is said of it."
      : `${count} confidential charts: counted, and nothing else is said of them.`,
  why: "Why",
  which: (count: number) => (count === 1 ? "Which one" : `Which ${count}`),
  of: (owner: string) => `of ${owner}`,
  through: (team?: string | null) => (team ? `through the team ${team}` : "through a team"),
  until: (day: string) => `until ${day}`,
  shares: "Shared with whom",
  sharesOf: (chart: string) => `Shared with whom: chart ${chart}`,
};

/** What a member could do if they had something else. */
export const supposing = {
  label: "With what they have now, or with something else",
  now: "What they have now",
  role: (name: string) => `If they had the role ${name}`,
  own: "If they had other roles and permissions",
  text: "Nothing is given to them by asking.",
  allowed: (name: string) => `Yes, with this ${name} could do it.`,
  denied: (name: string) => `No, not even with this could ${name} do it.`,
};

function charts(count: number): string {
  return count === 1 ? "1 chart" : `${count} charts`;
}
