/** Words of a record's page. */
export const records = {
  record: "Record",
  back: (clients: string) => `Back to the ${clients}`,
  previous: "Previous",
  next: "Next",
  tabsName: "Parts of this record",
  around: "Around this record",
  tabs: { content: "Content", versions: "Versions", history: "History" },
  tellsOf: "Day it tells of",
  section: "Section",
  author: "By",
  added: "Added",
  fromClient: (client: string) => `From the ${client}`,
  voidedTitle: "Entered in error",
  voidedText: (who: string, when: string, why: string) => `${who} struck this through on ${when}: ${why}`,

  // ---- Notes
  draftText: "This is a draft. Only its author sees what it says.",
  goOn: "Go on writing",
  signedBy: (who: string, when: string) => `Signed by ${who}, ${when}`,
  amend: "Amend",
  amendText: "The signed text stays as it is, and is kept; what you write becomes the next version.",
  amendReason: "Why it is amended",
  amendSave: "Sign the amendment",
  amended: "The amendment is signed",
  heading: "Heading",
  text: "Text",
  title: "Title",
  loadNewest: "Show the newest",
  leave: "What you have changed is not signed yet. Leave all the same?",

  // ---- Files
  file: "File",
  type: "What it is",
  sizeOf: "Size",
  digest: "SHA-256",
  copyDigest: "Copy the whole SHA-256",
  inspected: "Checked",
  download: "Download",
  downloading: "Preparing…",
  inspecting:
    "The file is being checked for dangers. That takes seconds for a photo, minutes for a large scan.",
  lookAgain: "Look again",
  held: "This file is held back and cannot be opened.",
  rejected: "This file was refused and cannot be opened.",
  beAware: "Worth knowing",
  mismatch: "Is this the right person?",
  found: "What was found in it",

  // ---- Folders
  scan: "Scan of this folder",
  scanText:
    "Links the folder to the file that is its scan. Paper may only be destroyed once the scan was compared with it.",
  scanOpen: "Open the scan",
  scanChoose: "File",
  scanNone: "There is no file in this chart that could be its scan.",
  scanVerified: "I have compared every page",
  scanLink: "Link",
  scanLinked: "The scan is linked",
  scanChooseOne: "Choose a file",

  // ---- Versions
  version: (number: number) => `Version ${number}`,
  newest: "newest",
  why: (reason: string) => `Why: ${reason}`,
  openVersion: "Open",
  noVersions: "There are no versions",
  noVersionsText: "A draft has none before it is signed, and a folder has none at all.",

  // ---- Danger
  void: "Entered in error",
  voidText: "It stays in the chart, struck through, and is counted nowhere. This cannot be taken back.",
  voidReason: "What is wrong with it",
  voidDo: "Strike it through",
  voided: "It is struck through",
};
