import type { components } from "../api/schema";

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
  member: "A member",
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
  onSpace: "Which space",
  onSession: "Which session",
  onPart: "Which session, and which participant",
  onHold: "Which legal hold",
  address: "Paste the address of its page, or identifiers from an audit trail.",
  addressRecord: "Paste the address of its page, or the identifiers of chart and record from an audit trail.",
  addressPart: "Paste the identifiers of session and participant from an audit trail.",
  addressWrong: "There is no identifier in this. Copy the address of the page from the browser.",
  ask: "Ask",
  allowed: (name: string) => `Yes, ${name} may do this.`,
  denied: (name: string) => `No, ${name} may not do this.`,
  because: "Because:",
  nothingAllows: "No rule allows it to somebody with these roles.",
};
