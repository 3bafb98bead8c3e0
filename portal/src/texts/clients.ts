/** Words of the clients' rooms. The organization's own word for a client comes in as an argument. */
import type { components } from "../api/schema";

type Field = components["schemas"]["Field"];
type Section = components["schemas"]["Section"];
type RecordType = "data" | "electronic" | "physical";

/** How a field of the eleven is called (R085). */
export const fieldNames: Record<Field, string> = {
  full_name: "Full name",
  mailing_address: "Mailing address",
  telephone_number: "Phone",
  social_security_number: "Social security number",
  marital_status: "Marital status",
  race_or_ethnic_origin: "Race or ethnic origin",
  date_and_time_of_birth: "Date and time of birth",
  place_of_birth: "Place of birth",
  other_names: "Other names",
  height_and_weight: "Height and weight",
  physical_characteristics: "Eyes, hair, scars and other characteristics",
};

/** The same, with what is masked besides the eleven. */
export const detailNames: Record<Field | "email", string> = { ...fieldNames, email: "E-mail address" };

/** Where in a chart's binding a record lies. */
export const compartmentNames = {
  chart: "In the chart",
  raw_data: "Raw data",
  psychotherapy_notes: "Psychotherapy notes",
  private: "Only for you",
};

export const sectionNames: Record<Section, string> = {
  overview: "Overview",
  progress_notes: "Progress notes",
  documents: "Documents",
  imaging: "Imaging",
  correspondence: "Correspondence",
  consents: "Consents",
};

export const typeNames: Record<RecordType, string> = {
  data: "Note",
  electronic: "File",
  physical: "Folder",
};

export const statusNames: Record<string, string> = {
  draft: "Draft",
  signed: "Signed",
  amended: "Amended",
  inspecting: "Being checked",
  available: "Available",
  quarantined: "Held back",
  rejected: "Rejected",
  on_shelf: "On its shelf",
  checked_out: "Checked out",
  in_transit: "On its way",
  missing: "Missing",
  voided: "Entered in error",
};

export const search = {
  by: { name: "Name", birth_date: "Date of birth", file_number: "File number", phone: "Phone" },
  label: "Find by",
  box: "Search",
  hints: {
    name: "The first two or more letters of first, last or other names, as in “gr oko”.",
    birth_date: "Year, month or day, as in 1984, 1984-07, 1984-07-02 or 2.7.1984.",
    file_number: "The first two or more letters and digits of the number.",
    phone: "The first three or more digits, as registered: with the country code if it was given.",
  },
  register: (client: string) => `Register a ${client}`,
  idle: (client: string) => `Find a ${client}`,
  idleText:
    "Type the beginning of a name, a date of birth, a file number or a phone number. Each search is recorded.",
  none: (client: string) => `No ${client} found`,
  noneText: (client: string) => `Check the spelling, search by something else, or register a new ${client}.`,
  found: (count: number, more: boolean, client: string, clients: string) =>
    `${count}${more ? " or more" : ""} ${count === 1 ? client : clients} found`,
  columns: { name: "Name", birth: "Born", file_number: "File number", status: "Status" },
  closed: "Closed",
  merged: "Same person as another",
  active: "Active",
  registerNamed: (name: string) => `Register ${name}`,
  notYours: (clients: string) => `You do not look after ${clients}`,
  notYoursText: (client: string) =>
    `Practitioners and staff find and register a ${client}; your roles are for other work.`,
  toAudit: "To the audit trail",
};

export const register = {
  title: (client: string) => `Register a ${client}`,
  fullName: "Full name",
  birthDate: "Date of birth",
  birthTime: "Time of birth",
  fileNumber: "File number",
  fileNumberHint: "Left empty, one is made.",
  phones: "Phone numbers",
  phonesHint: "One on each line.",
  otherNames: "Other names",
  otherNamesHint: "Names they were or are also known by, one on each line.",
  email: "E-mail address",
  mailingAddress: "Mailing address",
  placeOfBirth: "Place of birth",
  maritalStatus: "Marital status",
  origin: "Race or ethnic origin",
  socialSecurity: "Social security number",
  height: "Height in cm",
  weight: "Weight in kg",
  characteristics: "Eyes, hair, scars and other characteristics",
  who: "Who it is",
  contact: "How to reach them",
  more: "More details",
  moreText: "Only what is needed for care. Each is encrypted, and hidden until somebody reveals it.",
  submit: "Register",
  submitting: "Registering…",
  deathDate: "Date of death",
  heightShape: "A height in whole centimetres, as 170.",
  weightShape: "A weight in kilograms, as 61.5.",
  duplicatesRefused: (client: string) =>
    `Not registered yet: somebody like this is registered already. Open them, or say that this ${client} is somebody else.`,
  card: (birth: string, number: string) => `${birth ? `born ${birth}, ` : ""}file ${number}`,
  newWindow: "in a new window",
  somebodyElseRegister: (client: string) => `This ${client} is somebody else: register`,
  done: (name: string) => `${name} is registered`,
  duplicates: "Is it one of these?",
  duplicatesText: (client: string) =>
    `Somebody like this is registered already. Open them, or say that this ${client} is somebody else.`,
  likely: "Very alike",
  possible: "Alike",
  open: "Open",
  somebodyElse: (client: string) => `This ${client} is somebody else`,
  leave: "What you have typed is not registered yet. Leave all the same?",
};

export const page = {
  all: (clients: string) => `All ${clients}`,
  previous: "Previous",
  next: "Next",
  addRecord: "Add record",
  openChart: "Open a chart",
  noChart: (client: string) => `You have no chart for this ${client} yet`,
  noChartText: "A chart holds what you keep about them: notes, files, folders. Only you see into it.",
  chartOpened: "The chart is open",
  others: (clients: string) => `Other ${clients}`,
  backToList: "Back to the list",
  position: (at: number, of: number) => `${at} of ${of}`,
  born: (birth: string) => `Born ${birth}`,
  closedText: (client: string) =>
    `This ${client} is closed and takes no new records. To add some, reopen under “Administration”.`,
  mergedBadge: "Same person as another",
  mergedHere: (count: number) =>
    count === 1
      ? "Another registration is held to be this person:"
      : `${count} other registrations are held to be this person:`,
  mergedOne: (number: number) => `Registration ${number}`,
  onlyHistory: "Your roles show who did what, and not the records themselves.",
  tabs: {
    overview: "Overview",
    timeline: "Timeline",
    links: "Files asked for",
    sessions: "Sessions",
    sharing: "Sharing",
    history: "History",
  },
  tabsName: "Parts of this page",
  details: "Details",
  file: (number: string) => `File ${number}`,
  closed: "Closed",
  minor: "Under 18",
  mergedInto: "This is held to be the same person as another.",
  openOther: "Open them",
  reveal: "Reveal",
  revealAll: "Reveal all",
  hide: "Hide",
  hideAll: "Hide all",
  hidden: "Hidden",
  maskedText: "Confidential details are hidden. Revealing shows them for a minute, and is recorded.",
  revealed: "Shown for a minute. That you looked is recorded.",
  unknown: "Not known",
  edit: "Edit details",
  editText: "Fill in only what is to change. What you leave empty stays as it is.",
  leaveEdit: "Your changes are not saved yet. Leave all the same?",
  takeAway: "Take details away",
  takeAwayText: "For what is wrong and has nothing to replace it. The name always stays.",
  saving: "Saving…",
  saved: "The details are saved",
  registered: "Registered",
  died: "Died",
  administration: "Administration",
  close: (client: string) => `Close this ${client}`,
  reason: "Why",
  closeText: "For somebody who is no longer served. Charts stay readable; nothing is deleted.",
  reasons: {
    completed: "Care is completed",
    moved: "Moved away",
    deceased: "Died",
    withdrawn: "Withdrew",
    other: "Another reason",
  },
  reopen: (client: string) => `Reopen this ${client}`,
  reopenText: "Records can be added again.",
  isClosed: (client: string) => `This ${client} is closed`,
  isOpen: (client: string) => `This ${client} is open again`,
  merge: "Same person as another",
  mergeText: (client: string) =>
    `Where one ${client} was registered twice. Nothing is moved, and it can be taken back.`,
  mergeFind: "Find the other registration",
  mergeWith: (name: string) => `The same person as ${name}?`,
  mergeSure:
    "The other registration stays and shows the records of both. This one takes no new records and points to it.",
  mergeYes: "Yes, the same person",
  mergeAnother: "Choose another",
  mergeSelf: (client: string) => `This is the same registration. Choose the other one of this ${client}.`,
  unmerge: "They are two people",
  unmergeText: "This registration is held to be the same person as another. That can be taken back.",
  mergedDone: "They are held to be the same person",
  unmergedDone: "They are two people again",
};

export const timeline = {
  confidential: "Confidential",
  pendingApproval: "Pending approval",
  filterType: "Type",
  filterSection: "Section",
  every: "All",
  empty: "No records yet",
  emptyText: "What is added to a chart shows here, the newest first.",
  counted: (count: number, isFiltered: boolean, more: boolean) =>
    `${count}${more ? " or more" : ""} ${count === 1 && !more ? "record" : "records"}${isFiltered ? " with these filters" : ""}`,
  notPrinted: (count: number) =>
    `${count} written by others ${count === 1 ? "stays" : "stay"} off paper: the owner of the chart prints everything.`,
  filteredOut: "Nothing fits these filters",
  filteredOutYet: "Nothing fits these filters so far. Older records are not loaded yet.",
  clearFilters: "Show everything",
  fromClient: (client: string) => `From the ${client}`,
  forClient: (client: string) => `For the ${client}`,
  by: (name: string) => `by ${name}`,
  goOn: "Go on writing",
};
