import type { components } from "../api/schema";
import { readable } from "./format";

type Schemas = components["schemas"];
export type Kind = Schemas["Kind"];
export type Outcome = Schemas["Outcome"];
export type Purpose = Schemas["Purpose"];

/** The audit trail: what happened, and everything about it that people ask for. */
export const audit = {
  title: "Audit",
  intro: "Everything that was done, and everything that was refused. Nothing here can be changed or removed.",
  ownIntro: "What you did and what you were refused. Nothing here can be changed or removed.",
  whose: "Whose trail",
  everybody: "The whole organization",
  trail: "Audit trail",
  memberTrail: (name: string) => `Audit trail of ${name}`,
  zone: (zone: string) => `Times in ${zone}.`,
  shown: (count: number) => (count === 1 ? "1 entry shown" : `${count} entries shown`),

  // ---- Filters
  filters: "Filter the trail",
  kind: "What happened",
  anyKind: "Anything",
  outcome: "Outcome",
  anyOutcome: "Any outcome",
  from: "From",
  to: "To",
  month: "Month",
  monthHint: "Months are counted in UTC.",
  clear: "Clear filters",
  wrongPeriod: "The first day must not be after the last.",

  // ---- Entries
  empty: "Nothing here",
  emptyFiltered: "Nothing fits these filters. Choose another period, or clear them.",
  emptyText: "Nothing has been recorded for this time.",
  notYetAnywhere: "Nothing that fits among the newest entries.",
  lookFurther: "Look further back",
  outcomes: { succeeded: "Done", denied: "Refused", failed: "Failed" } satisfies Record<Outcome, string>,
  fromWhere: "From where",
  device: "Device",
  purpose: "Purpose",
  decided: "Decided by",
  noPolicy: "No rule allows it",
  outside: "Not decided by a rule of the organization",
  more: "More",
  ids: "Identifiers",
  entry: "Entry",
  request: "Request",
  digest: "Fingerprint (SHA-256)",
  copyDigest: "Copy the fingerprint",
  notKnown: "Not known",
  noAddress: "Inside the system",

  // ---- Export
  export: "Export CSV",
  exporting: (count: number) => `Collecting the trail: ${count.toLocaleString()} entries so far…`,
  exportStopped: (count: number) =>
    `Stopped after ${count.toLocaleString()} entries. What was collected is kept.`,
  goOn: "Go on",
  exported: (count: number) =>
    count === 1 ? "Exported 1 entry" : `Exported ${count.toLocaleString()} entries`,
  fileName: (what: string, day: string) => `audit-${what}-${day}.csv`,
  printHint: "Prints the entries that are shown.",
};

/** The device of a request, in words. */
export const devices = {
  on: (browser: string, system: string) => `${browser} on ${system}`,
  browser: "A browser",
  program: "A program",
};

/** Kinds of entries, grouped as people look for them. */
export const kindGroups = (client: string, clients: string): [group: string, kinds: [Kind, string][]][] => [
  [
    "Signing in",
    [
      ["SessionBegun", "Signed in"],
      ["SessionEnded", "Signed out"],
      ["SignInFailed", "Sign-in failed"],
      ["ContextsRead", "Own memberships read"],
    ],
  ],
  [
    "Records",
    [
      ["ChartOpened", "Chart opened"],
      ["ChartsListed", "Charts listed"],
      ["ChartRead", "Chart read"],
      ["RecordsListed", "Records listed"],
      ["TimelineRead", "Timeline read"],
      ["RecordRead", "Record read"],
      ["VersionsListed", "Versions listed"],
      ["VersionRead", "Version read"],
      ["RecordVoided", "Record struck through"],
      ["RecordLimited", "Record’s own permissions set"],
      ["DownloadSigned", "File downloaded"],
      ["PreviewSigned", "Preview shown"],
    ],
  ],
  [
    "Notes",
    [
      ["NoteDrafted", "Note drafted"],
      ["DraftSaved", "Draft saved"],
      ["NoteSigned", "Note signed"],
      ["NoteAmended", "Note amended"],
    ],
  ],
  [
    `Details of ${clients}`,
    [
      ["ClientRegistered", `New ${client} registered`],
      ["ClientsSearched", `${capital(clients)} searched`],
      ["DuplicateClientsFound", "Looked for duplicates"],
      ["ClientRead", "Masked details read"],
      ["ClientRevised", "Details changed"],
      ["FieldRevealed", "Confidential detail revealed"],
      ["ClientClosed", "File closed"],
      ["ClientReopened", "File reopened"],
      ["ClientMerged", "Merged with another"],
      ["ClientUnmerged", "Merge undone"],
    ],
  ],
  [
    "Files and requests",
    [
      ["UploadStarted", "Upload started"],
      ["UploadRead", "Upload looked at"],
      ["PartsSigned", "Upload went on"],
      ["UploadCompleted", "Upload completed"],
      ["UploadAbandoned", "Upload abandoned"],
      ["UploadExpired", "Upload expired"],
      ["FileInspected", "File inspected"],
      ["IntakeLinkCreated", "Intake link created"],
      ["IntakeLinksListed", "Intake links listed"],
      ["IntakeLinkRevoked", "Intake link revoked"],
      ["IntakeLinkOpened", "Intake link opened"],
      ["ContributionsListed", "Inbox read"],
      ["ContributionAccepted", "Sent file accepted"],
      ["ContributionDeclined", "Sent file declined"],
      ["ContributionDownloadSigned", "Sent file downloaded"],
    ],
  ],
  [
    "Folders",
    [
      ["FolderAdded", "Folder added"],
      ["FolderCheckedOut", "Folder checked out"],
      ["FolderCheckedIn", "Folder checked in"],
      ["FolderSent", "Folder sent"],
      ["FolderReportedMissing", "Folder reported missing"],
      ["ScanLinked", "Scan linked"],
      ["CustodyListed", "Custody log read"],
      ["BarcodeFound", "Barcode scanned"],
      ["LocationAdded", "Place added"],
      ["LocationsListed", "Places listed"],
    ],
  ],
  [
    "Organization and members",
    [
      ["OrganizationCreated", "Organization founded"],
      ["OrganizationRead", "Settings read"],
      ["VocabularySet", "Words set"],
      ["PolicySet", "Policy set"],
      ["MemberInvited", "Member invited"],
      ["MembersListed", "Members listed"],
      ["MemberRead", "Member read"],
      ["MemberPermissionsSet", "Permissions set"],
      ["MemberSuspended", "Member suspended"],
      ["MemberRestored", "Member restored"],
      ["DecisionExplained", "Permission explained"],
    ],
  ],
  [
    "Audit trails",
    [
      ["RecordEvidenceRead", "Trail of a record read"],
      ["ClientEvidenceRead", `Trail of a ${client} read`],
      ["MemberEvidenceRead", "Trail of a member read"],
      ["EvidenceRead", "Trail of the organization read"],
    ],
  ],
];

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Why somebody acted: the purposes of use of HL7, in words. */
export const purposes: Record<Purpose, string> = {
  TREAT: "Treatment",
  ETREAT: "Emergency treatment",
  HPAYMT: "Payment",
  HOPERAT: "Running the organization",
  PATRQT: "The person asked for it",
  FAMRQT: "The family asked for it",
  HLEGAL: "Legal",
  PUBHLTH: "Public health",
  COC: "Coordination of care",
  CAREMGT: "Care management",
  HQUALIMP: "Quality improvement",
  RECORDMGT: "Keeping records",
  HSYSADMIN: "Administration",
};

/** What each rule says; `client` is the organization's word. */
const POLICIES: Record<string, (client: string, clients: string) => string> = {
  "other-organization": () => "Nobody reaches into another organization",
  "member-not-active": () => "Only active members may do anything",
  "member-uses-organization": () => "Every member may use the organization they belong to",
  "colleague-sees-colleagues": () => "Colleagues may see who works here",
  "administrator-manages-organization": () => "Administrators look after the organization",
  "administrator-manages-members": () => "Administrators look after its members",
  "registrar-keeps-clients": (_, clients) => `Practitioners and staff register and look after ${clients}`,
  "practitioner-works-with-clients": (_, clients) => `Practitioners open charts and work with ${clients}`,
  "owner-keeps-chart": () => "Whoever owns a chart may read it and add to it",
  "owner-keeps-record": () => "Whoever owns a chart may read, change and strike through its records",
  "only-author-edits-note": () => "Only the author changes a note",
  "draft-is-its-authors": () => "A draft is seen by its author alone",
  "records-room-handles-folders": () => "Staff hand out folders and take them back",
  "records-room-knows-places": () => "Staff and practitioners may look up places and barcodes",
  "auditor-reads-trail": () => "Auditors and administrators may read audit trails",
  "member-reads-own-trail": () => "Everybody may read the trail of what they did themselves",
  "practitioner-reads-client-trail": (client) => `Practitioners may read the trail of a ${client}`,
  "user-level-access": () => "Their permissions do not let them see records of this type",
  "user-level-edit": () => "Their permissions do not let them change records of this type",
  "user-level-delete": () => "Their permissions do not let them strike through records of this type",
  "record-level-access": () => "The record’s own permissions keep them from seeing it",
  "record-level-edit": () => "The record’s own permissions keep them from changing it",
  "record-level-delete": () => "The record’s own permissions keep them from striking it through",
  "user-level-chart-access": () => "Their permissions do not let them see records of any type",
  "user-level-add-data": () => "Their permissions do not let them add notes",
  "user-level-add-physical": () => "Their permissions do not let them add folders",
  "user-level-add-electronic": () => "Their permissions do not let them add files",
  founder: () => "Whoever founds an organization is its first administrator",
  "signed-in": () => "Whoever has signed in may begin a session",
  function: () => "A part of the system does what it is there for",
  "intake-link": () => "An intake link allows this for as long as it works",
};

/** A rule in words; its name where there are none. */
export const policyWords = (id: string, client: string, clients: string): string =>
  POLICIES[id]?.(client, clients) ?? readable(id.replaceAll("-", "_"));

/** What an identifier belongs to. */
export const subjectWords = (client: string): Record<keyof Schemas["Subjects"], string> => ({
  client_id: capital(client),
  chart_id: "Chart",
  record_id: "Record",
  member_id: "Member",
  location_id: "Place",
  upload_id: "Upload",
  link_id: "Intake link",
  contribution_id: "Sent file",
});

/** The heads of the columns of an export. */
export const columns = {
  at: "Time (UTC)",
  local: "Time (local)",
  sentence: "What happened",
  kind: "Kind",
  outcome: "Outcome",
  actor: "Who",
  actorId: "Who (id)",
  member: "Member concerned",
  purpose: "Purpose",
  ip: "IP address",
  userAgent: "Device",
  policies: "Rules that decided",
  details: "Details",
  request: "Request id",
  id: "Entry id",
  digest: "SHA-256",
};

/** The identifiers of an export, each in a column of its own. */
export const subjectColumns = (client: string): [name: keyof Schemas["Subjects"], head: string][] => [
  ["client_id", `${capital(client)} (id)`],
  ["chart_id", "Chart (id)"],
  ["record_id", "Record (id)"],
  ["member_id", "Member concerned (id)"],
  ["location_id", "Place (id)"],
  ["upload_id", "Upload (id)"],
  ["link_id", "Intake link (id)"],
  ["contribution_id", "Sent file (id)"],
];
