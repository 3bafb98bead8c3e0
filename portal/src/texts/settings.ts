import type { components } from "../api/schema";
import { readable } from "./format";

type Schemas = components["schemas"];
type Role = Schemas["Role"];
type Verb = Schemas["Verb"];
type Status = Schemas["MemberStatus"];

/** Colleagues, where they are named. */
export const people = {
  somebody: "A colleague",
  you: "You",
  someTeam: "A team",
};

/** The organization: its words, its policy, its members. */
export const settings = {
  title: "Settings",
  notYours: "Settings are for administrators",
  notYoursText: "Ask an administrator of your organization to change them.",
  toStart: "To the start",

  // ---- Organization
  organization: "Organization",
  name: "Name",
  founded: "Founded",

  // ---- Words
  vocabulary: "Your word for the people you keep records of",
  vocabularyText:
    "It is used everywhere on these pages and in what they are sent. Nothing that is stored is rewritten: you can change it back at any time.",
  presets: "What do you call them?",
  presetList: [
    { client: "patient", clients: "patients" },
    { client: "client", clients: "clients" },
    { client: "resident", clients: "residents" },
    { client: "student", clients: "students" },
    { client: "customer", clients: "customers" },
    { client: "member", clients: "members" },
  ],
  ownWord: "Another word",
  one: "One of them",
  several: "Several of them",
  wordMissing: "Write the word, for one and for several.",

  // ---- Policy
  policy: "Policy",
  timeZone: "Time zone",
  timeZoneHint: "Dates and times of records are meant and shown in it. Type a city or region.",
  timeZoneNow: (time: string) => `It is ${time} there now.`,
  timeZoneWrong: "Choose a time zone from the list, such as America/Toronto.",
  required: (client: string) => `What must be known of a new ${client}`,
  requiredHint: "The name is always asked for.",
  fields: {
    full_name: "Full name",
    mailing_address: "Mailing address",
    telephone_number: "Telephone number",
    social_security_number: "Social security number",
    marital_status: "Marital status",
    race_or_ethnic_origin: "Race or ethnic origin",
    date_and_time_of_birth: "Date of birth",
    place_of_birth: "Place of birth",
    other_names: "Other names",
    physical_characteristics: "Physical characteristics",
    height_and_weight: "Height and weight",
  } satisfies Record<Schemas["Field"], string>,
  idle: "Sign out after",
  idleHint: "Minutes without anybody at the keyboard, from 1 to 60. Drafts are kept.",
  idleWrong: "Choose a whole number from 1 to 60.",
  minutes: "minutes",

  // ---- Members
  members: "Members",
  onlyYou: "Nobody but you yet",
  onlyYouText: "Invite the practitioners and staff who work here.",
  invite: "Invite a member",
  inviteText:
    "They become a member when they first sign in with this e-mail address. No e-mail is sent: you will get an address to pass on.",
  inviteNow: "Invite",
  inviteDone: (name: string) => `${name} is invited`,
  inviteDoneText: (email: string) => `Tell them to sign in here with ${email}:`,
  inviteAnother: "Invite another",
  fullName: "Name",
  nameMissing: "Write the name.",
  email: "E-mail address",
  emailWrong: "Write a whole e-mail address, such as sam@clinic.example.",
  emailHint: "The one they sign in with.",
  roles: "Roles",
  rolesMissing: "Choose at least one role.",
  roleTexts: (client: string, clients: string): Record<Role, string> => ({
    administrator: "Members, words and policy, audit trails. Never what is in a record.",
    practitioner: "Owns charts and keeps their records.",
    staff: `Front desk and records room: registers ${clients} and handles folders.`,
    records_manager:
      "Keeps schedule, legal holds, dispositions and inventory. Never sees what is in a record.",
    coordinator: "Hands charts from one practitioner to another. Never sees what is in them.",
    auditor: "Reads audit trails and nothing else.",
    client: `A ${client} with an account of their own.`,
  }),
  status: { active: "Active", invited: "Invited", suspended: "Suspended" } satisfies Record<Status, string>,
  since: (day: string) => `Since ${day}`,

  // ---- One member
  backToMembers: "All members",
  permissions: "Roles and permissions",
  permissionsText:
    "What they may do with each type of record. It counts for charts they own and folders they handle; a record’s own permissions can take more away, and never give more.",
  recordType: "Type of record",
  types: { physical: "Folders", electronic: "Files", data: "Notes" } as Record<string, string>,
  verbs: { access: "See", add: "Add", edit: "Change", delete: "Strike through" } satisfies Record<
    Verb,
    string
  >,
  may: (verb: string, type: string) => `${verb}: ${type.toLowerCase()}`,
  usual: "Set what is usual for these roles",
  unsaved: "Not saved yet",
  ownRole: "You cannot take the administrator’s role from yourself.",
  suspend: "Suspend",
  suspendTitle: (name: string) => `Suspend ${name}?`,
  suspendText:
    "From their next click on they can see and do nothing here. Their charts stay as they are, and you can restore them at any time.",
  suspended: (name: string) => `${name} is suspended`,
  suspendedText: "They can see and do nothing here until they are restored.",
  restore: "Restore",
  restoreTitle: (name: string) => `Restore ${name}?`,
  restoreText: "They have the roles and permissions again that they had before.",
  restored: (name: string) => `${name} is restored`,
  standing: "Access",
  activeText: "They can sign in and work here.",
  invitedText: "They have not signed in yet. They become active when they do.",
  yourself: "You cannot suspend yourself.",

  // ---- Why
  why: "Why may they, why may they not?",
  whyText:
    "Asks what decides every call: would this be allowed right now, and which rules say so? That you asked is recorded.",
  action: "Do what",
  onMember: "Which member",
  memberMissing: "Choose a member.",
  onClient: (client: string) => `Which ${client}`,
  onChart: "Which chart",
  onRecord: "Which record",
  address: "Paste the address of its page, or identifiers from an audit trail.",
  addressRecord: "Paste the address of its page, or the identifiers of chart and record from an audit trail.",
  addressWrong: "There is no identifier in this. Copy the address of the page from the browser.",
  ask: "Ask",
  allowed: (name: string) => `Yes, ${name} may do this.`,
  denied: (name: string) => `No, ${name} may not do this.`,
  because: "Because:",
  nothingAllows: "No rule allows it to somebody with these roles.",
};

type On = Schemas["On"]["type"];

/** What can be asked about, in words, by what it is done to. */
export const actions = (client: string, clients: string): Record<On, [action: string, words: string][]> => ({
  record: [
    ["ReadRecord", "Read a record"],
    ["SignDownload", "Download its file"],
    ["SignPreview", "See its preview"],
    ["ListVersions", "See its versions"],
    ["SaveDraft", "Save a draft"],
    ["SignNote", "Sign a note"],
    ["AmendNote", "Amend a note"],
    ["VoidRecord", "Strike it through as entered in error"],
    ["LimitRecord", "Set its own permissions"],
    ["MarkRecord", "Mark it confidential"],
    ["CosignNote", "Co-sign a note"],
    ["ReturnNote", "Send a note back"],
    ["ListRecordReaders", "Ask who can open it"],
    ["CheckOutFolder", "Check a folder out"],
    ["CheckInFolder", "Check a folder in"],
    ["SendFolder", "Send a folder elsewhere"],
    ["ReportFolderMissing", "Report a folder missing"],
    ["LinkScan", "Link a folder to its scan"],
    ["ListCustody", "See who had a folder"],
    ["LabelFolder", "Make a barcode for a folder"],
    ["ReportIncident", "Report a folder lost or damaged"],
    ["ExplainRetention", "Ask how long it is kept"],
    ["ClassifyRecord", "Set its class"],
    ["ReadRecordEvidence", "Read its audit trail"],
  ],
  chart: [
    ["ReadChart", "Read a chart"],
    ["ListRecords", "List its records"],
    ["DraftNote", "Write a note"],
    ["AddFolder", "Add a folder"],
    ["StartUpload", "Add a file"],
    ["CreateIntakeLink", "Ask for files with an intake link"],
    ["RevokeIntakeLink", "Revoke an intake link"],
    ["AcceptContribution", `Accept what a ${client} has sent`],
    ["DeclineContribution", `Decline what a ${client} has sent`],
    ["ListGrants", "See who may use it"],
    ["ShareChart", "Share it"],
    ["ChangeGrant", "Change how it is shared"],
    ["RevokeGrant", "End sharing"],
    ["LeaveChart", "Leave it"],
    ["ListReaders", "Ask who can open it"],
    ["RecordConsent", `Record what its ${client} permits`],
    ["WithdrawConsent", "Withdraw such a permission"],
    ["SetCircle", "Set the circle of care"],
    ["AppointProxy", `Give access to somebody of its ${client}’s`],
    ["EndProxy", "End such access"],
    ["MarkChart", "Mark it confidential"],
    ["OfferTransfer", "Offer it to a colleague"],
    ["AcceptTransfer", "Accept it"],
    ["DeclineTransfer", "Decline it"],
    ["WithdrawTransfer", "Withdraw the offer"],
    ["ReadPassages", "Read its chain of custody"],
    ["ListDestroyed", "See what was destroyed of it"],
  ],
  client: [
    ["ReadClient", "Read the masked details"],
    ["ReviseClient", "Change the details"],
    ["RevealField", "Reveal a confidential detail"],
    ["OpenChart", "Open a chart"],
    ["ListCharts", "List the charts"],
    ["ReadTimeline", "Read the timeline"],
    ["CloseClient", "Close the file"],
    ["ReopenClient", "Reopen the file"],
    ["MergeClient", "Merge with another"],
    ["UnmergeClient", "Undo a merge"],
    ["ReadClientEvidence", "Read the audit trail"],
    ["ReadRetentionFacts", "See what decides how long records are kept"],
    ["RecordRetentionFacts", "Enter what decides how long records are kept"],
  ],
  member: [
    ["ReadMember", "See roles and permissions"],
    ["SetMemberPermissions", "Set roles and permissions"],
    ["SuspendMember", "Suspend"],
    ["RestoreMember", "Restore"],
    ["AssignRole", "Give a role"],
    ["ReadReach", "Ask what they can see"],
    ["ReadCaseload", "See how many charts they have"],
    ["TransferCaseload", "Hand their charts on"],
    ["ReadMemberEvidence", "Read the audit trail"],
  ],
  organization: [
    ["RegisterClient", `Register a ${client}`],
    ["SearchClients", `Search for ${clients}`],
    ["FindBarcode", "Find a folder by its barcode"],
    ["ListLocations", "See the places for folders"],
    ["AddLocation", "Add a place for folders"],
    ["ReviseLocation", "Change a place for folders"],
    ["RetireLocation", "Take a place for folders out of use"],
    ["ListInventory", "List the folders of a place"],
    ["CloseStocktake", "Take stock"],
    ["ImportFolders", "Import a list of folders"],
    ["CloseIncident", "Assess the loss of a folder"],
    ["ReadSchedule", "See how long records are kept"],
    ["SetSchedule", "Set how long records are kept"],
    ["ListEligible", "List records whose time has ended"],
    ["PlaceHold", "Place a legal hold"],
    ["ProposeDisposition", "Propose records for destruction"],
    ["ApproveDisposition", "Approve a disposition"],
    ["ExecuteDisposition", "Execute a disposition"],
    ["ReadCertificate", "Read a certificate of destruction"],
    ["ListContributions", "Open the inbox"],
    ["ListMembers", "See who works here"],
    ["InviteMember", "Invite a member"],
    ["SetVocabulary", "Set the words"],
    ["SetPolicy", "Set the policy"],
    ["CreateTeam", "Create a team"],
    ["AddTeamMember", "Add somebody to a team"],
    ["CreateRole", "Create a role"],
    ["ChangeRole", "Change a role"],
    ["ListCaseloads", "See who has how many charts"],
    ["CreateSpace", "Create a space"],
    ["ListFrozenSpaces", "See spaces that everybody has left"],
    ["ExplainDecision", "Ask why somebody may do something"],
    ["ReadEvidence", "Read the organization’s audit trail"],
  ],
});

/** What an action is done to, as the head of its group. */
export const actionGroups = (client: string): Record<On, string> => ({
  record: "With a record",
  chart: "With a chart",
  client: `With a ${client}`,
  member: "With a member",
  organization: "In the organization",
});

/** An action in words; its own name, taken apart, where there are none. */
export function actionWords(action: string, client: string, clients: string): string {
  const known = Object.values(actions(client, clients)).flat();
  const words = known.find(([name]) => name === action)?.[1];
  return words ?? readable(action.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase());
}
