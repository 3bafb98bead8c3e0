/** Adding a record to a chart: whose, what, and how it is filed. */
import { day, size } from "./format";

export type RecordType = "note" | "file" | "folder";

export const add = {
  into: "Into which chart",
  intoOwn: "Your chart",
  intoNew: "A chart of your own, opened now",
  intoTheirs: (owner: string) => `The chart of ${owner}`,
  intoApproval: (owner: string) => `${owner} co-signs what you write here.`,
  kept: "Where it is kept",
  keptText: {
    chart: "Whoever you share the chart with sees it.",
    raw_data: "Apart from the chart; that it exists is noted there. Never shared.",
    psychotherapy_notes: "Apart from the chart, for its author alone. Never shared.",
    private: "For you alone. Never shared, and part of no copy.",
  },
  title: "Add record",

  // ---- Whose
  who: (client: string) => `Which ${client}?`,
  search: "Name or file number",
  searchHint: "The first letters are enough. Arrow keys to choose, Enter to take.",
  searching: "Searching…",
  found: (count: number, more: boolean) =>
    count === 0
      ? "Nobody found"
      : count === 1
        ? "1 found"
        : `${more ? "The first " : ""}${count} found${more ? "; type more" : ""}`,
  nobody: (client: string) => `No ${client} begins with this.`,
  register: (client: string) => `Register a new ${client}`,
  fileNumber: (number: string) => `No. ${number}`,
  born: (birth: string) => `born ${birth}`,
  change: "Change",
  changeClient: (client: string) => `Change the ${client}`,
  closed: (client: string) =>
    `This ${client} is closed and takes no new records. Reopen the chart first if that is wrong.`,
  merged: (client: string) =>
    `This is held to be the same person as another ${client}. New records belong there.`,
  toMerged: "Go on there",
  toClient: "To the chart",
  noChart: (client: string) =>
    `You have no chart for this ${client} yet. One is opened for you when you save.`,
  chartOpened: "A chart was opened for you",
  ownersOnly: "Only practitioners add records",
  ownersOnlyText: (client: string) =>
    `A record is added to the chart of the practitioner who sees the ${client}. To put a folder back or hand one out, go to “Folders”.`,
  toFolders: "To the folders",

  // ---- What
  what: "What do you add?",
  types: {
    note: { name: "Note", text: "Written here, signed when it is finished" },
    file: { name: "File", text: "An X-ray, a scan, a photo, a PDF, sound or video" },
    folder: { name: "Folder on a shelf", text: "Paper or film: what it is and where it stands" },
  } satisfies Record<RecordType, { name: string; text: string }>,
  content: { note: "The note", file: "The files", folder: "The folder" } satisfies Record<RecordType, string>,

  // ---- How it is filed
  section: "Section of the chart",
  day: "Day it tells of",
  dayWrong: "Choose a day that is not in the future.",
  recordTitle: "Title",
  titleMissing: "Give it a title.",

  forClient: (client: string) => `The ${client} may read it`,
  forClientText: (client: string) =>
    `In their own account, and whoever stands for the ${client} too. A note once it is signed, a file once it is checked.`,

  // ---- Notes
  fixedForClient: (client: string) => `The ${client} may read it once it is signed.`,
  fixed: (on: string, section: string) => `${on}, in ${section}. This was set when the note was first saved.`,
  noteTitleHint: (fallback: string) => `Left empty, it is “${fallback}”.`,
  noteOf: (on: string) => `Note of ${day(on)}`,
  heading: "Heading",
  text: "Text",
  textOf: (number: number) => `Text of section ${number}`,
  headingOf: (number: number) => `Heading of section ${number}`,
  addSection: "Add a section",
  removeSection: "Remove",
  removeSectionOf: (number: number) => `Remove section ${number}`,
  sectionRemoved: "Section removed",
  undo: "Undo",
  chars: (count: number, most: number) =>
    `${count.toLocaleString()} of ${most.toLocaleString()} characters. Make it shorter, or add a second note.`,
  saving: "Saving…",
  savedAt: (at: string) => `Saved at ${at}`,
  unsaved: "Not saved yet",
  notSaved: "Could not be saved just now. Your text is here, and saving is tried again.",
  draftHint: "Saved as you type. Nobody else sees it before it is signed.",
  sign: "Sign",
  signKeys: "Ctrl + Enter",
  nothingToSign: "Write something first.",
  signingIn: (seconds: number) => `Signing in ${seconds} ${seconds === 1 ? "second" : "seconds"}`,
  signingText: "A signed note is not changed any more; corrections are added to it.",
  undoSigning: "Undo",
  signNow: "Sign now",
  signing: "Signing…",
  signingUndone: "Not signed. It is kept as a draft.",
  signedLater: (title: string) => `“${title}” is signed`,
  notSigned: (title: string) => `“${title}” could not be signed. It is kept as a draft.`,
  draftLoading: "Opening the draft…",
  signedAlready: "This note is signed already",
  signedAlreadyText: "It is not changed any more. An amendment can be added to it.",
  leaveUnsaved: "The newest of your text could not be saved yet. Leave all the same and lose it?",
  stale: "This draft was changed in another window",
  staleText: "Both texts are here. Which one is to be kept?",
  stalePutOff: "Nothing more is saved until you have chosen.",
  compare: "Compare",
  theirs: "The other text",
  mine: "Your text here",
  emptyText: "(no text)",
  keepMine: "Keep the text here",
  takeTheirs: "Take the other text",

  // ---- Files
  drop: "Drop files here, or paste them",
  choose: "Choose files",
  chooseMore: "Choose more files",
  dropAnywhere: "Drop to add to the chart",
  dropHint: "Any kind, up to 50 GB each. They go on by themselves if the connection breaks.",
  noFolders: "A folder cannot be dropped. Open it and drop the files in it.",
  twice: (name: string) => `${name} is in the list already.`,
  empty: (name: string) => `${name} is empty and was left out.`,
  titleOf: (name: string) => `Title of ${name}`,
  leaveOut: "Leave out",
  leaveOutOne: (name: string) => `Leave out ${name}`,
  send: (count: number, bytes: number) =>
    count === 1 ? `Add 1 file (${size(bytes)})` : `Add ${count} files (${size(bytes)})`,
  toSend: "Ready to add",
  onTheWay: "On their way and added",
  counted: (done: number, all: number) => `${done} of ${all} added`,
  allAdded: (count: number) => (count === 1 ? "1 file added" : `${count} files added`),
  goesOn: (begun: string) =>
    `${begun} was begun before. It goes on where it stopped, with the title it had then.`,
  keepsGoing:
    "You can go on working elsewhere in Strongroom. Keep this window open until everything is added.",
  filedAs: (title: string) => `Filed as “${title}”.`,
  digest: "SHA-256",
  digestPending: "Being computed",
  checking: "Being checked. It can be opened in a moment.",
  available: "Checked, and in the chart",
  held: "Held back: it was found to be unsafe or damaged. Open it to see why.",
  warnings: (client: string): Record<string, string> => ({
    duplicate_file: "The same file is in this chart already.",
    patient_mismatch: `It names another person than this ${client}. Compare before you rely on it.`,
    carries_location: "It says where it was made (a place on the map).",
    carries_personal_name: "It names a person besides what is visible.",
    damaged: "It is damaged or cut off.",
    encrypted: "It is locked with a password and could not be examined.",
    partly_examined: "It is too large to be examined completely.",
    type_differs: "It is of another harmless type than its name says.",
    burned_in_annotation: "A name may be visible in the picture itself.",
  }),

  // ---- Folders
  folderTitleHint: "What is written on it, or what is in it.",
  barcode: "Barcode",
  barcodeHint: "Scan or type it, if the folder has a label.",
  barcodeWrong: "A barcode has up to 64 letters, digits, dashes, dots or underscores.",
  barcodeTaken: "Another folder has this barcode. Check the label and scan again.",
  position: "Position",
  positionHint: "Where exactly, such as “third from the left”.",
  place: "Where it stands",
  placeMissing: "Choose where it stands.",
  leaveFolder: "The folder is not added yet. Leave all the same?",
  addFolder: "Add folder",
  adding: "Adding…",

  // ---- Done
  noteSigned: (title: string) => `“${title}” is signed and in the chart`,
  folderAdded: (title: string) => `“${title}” is in the chart`,
  open: "Open it",
  openNamed: (title: string) => `Open it: ${title}`,
  another: (client: string) => `Add another for the same ${client}`,
  back: "Back to the timeline",
};
