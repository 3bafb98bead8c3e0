/** What clients read of their own records, and those who stand for them: short sentences, and no word of the trade. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export const mine = {
  // ---- Whose records
  records: "Records",
  own: "My records",
  of: (name: string) => `Records of ${name}`,
  ownText: (clinic: string) =>
    `Here is what ${clinic} wrote for you to read. For anything else in your records, ask ${clinic}.`,
  ofText: (clinic: string) =>
    `Here is what ${clinic} wrote for this person to read. For anything else in their records, ask ${clinic}.`,
  as: {
    oneself: "",
    parent: "You see them as a parent.",
    guardian: "You see them as a guardian.",
    partner: "You see them as a partner.",
    child: "You see them as a son or daughter.",
    caregiver: "You see them as a caregiver.",
    legal_representative: "You see them because you may act for this person by law.",
  } satisfies Record<Schemas["Relationship"], string>,
  until: (day: string) => `You can see them until ${day}.`,
  severalText: "You can see the records of more than one person. Choose whose you want to read.",
  newest: (title: string, day: string) => `The newest: ${title}, ${day}`,
  everybody: "Choose somebody else",

  // ---- Nobody's
  nobody: "There is nothing here for you yet",
  nobodyText: (clinic: string) =>
    `No records are open to you now, or your time to see them is over. If you think this is wrong, call or write to ${clinic}.`,
  lookAgain: "Look again",
  gone: "You cannot see this, or not any more",
  goneText: (clinic: string) =>
    `It may have been taken back, or your time to see it is over. If you need it, call or write to ${clinic}.`,
  toRecords: "To the records",

  // ---- The list
  list: "What you can read, the newest first",
  none: "Nothing has been written yet",
  noneText: (clinic: string) =>
    `When ${clinic} writes something to read here, you will find it on this page.`,
  kinds: {
    dicom: "X-ray or scan",
    image: "Picture",
    pdf: "PDF",
    document: "Document",
    text: "Text",
    audio: "Sound recording",
    video: "Video",
  } as Record<string, string>,
  note: "Note",
  file: "File",
  folder: "Paper folder",
  states: {
    amended: "Changed since",
    inspecting: "Being checked",
    quarantined: "Cannot be opened",
    rejected: "Cannot be opened",
  } as Record<string, string>,

  // ---- One record
  back: "Back to the records",
  signed: (clinic: string, when: string) => `Signed at ${clinic}, ${when}`,
  changedBecause: (why: string) => `Why it was changed: ${why}`,
  checking: "This file is being checked, to keep you safe. That can take a few minutes.",
  unsafe: (clinic: string) =>
    `This file may not be safe, so it cannot be opened. Please ask ${clinic} for it in another way.`,
  onPaper: (clinic: string) => `This is on paper. To look at it, ask ${clinic}.`,
  earlier: "See how it was before",
  earlierTitle: "All versions, the newest first",
  toNewest: "Back to the newest",

  // ---- Sessions and their forms
  sessions: "Sessions and forms",
  sessionOn: (when: string) => `Session on ${when}`,
  noDate: "Session without a date yet",
  sessionStatus: {
    preparing: "Getting ready",
    ready: "Everything is ready",
    post_journey: "It has taken place",
    completed: "Finished",
  } satisfies Record<Schemas["ParticipantStatus"], string>,
  calledOff: "Called off",
  formStates: {
    outstanding: "To fill in",
    must_be_updated: "To fill in again",
    awaiting_counter_signature: "Filled in, waits for a signature",
    complete: "Done",
  } satisfies Record<Schemas["ItemState"], string>,
  notNeeded: "Only if you want to",
  fillIn: "Fill in",
  fillInOf: (form: string) => `Fill in: ${form}`,
  fillInText: "Have the form at hand that you were given. Enter here what you would write on it.",
  past: (count: number) => (count === 1 ? "1 earlier session" : `${count} earlier sessions`),

  // ---- Notices
  notices: "Notices",
  noticesText: (clinic: string) =>
    `${clinic} can tell you here that a form waits for you to fill it in. Each notice goes away after 90 days.`,
  noticesNoneText:
    "Forms, and what was written for you to read, are under “Records”. You are not told here when something new is written.",
};
