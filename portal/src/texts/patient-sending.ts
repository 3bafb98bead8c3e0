/** What a patient reads while choosing and sending files, and on the receipt. */
import { moment, size } from "./format";

const files = (count: number) => (count === 1 ? "1 file" : `${count} files`);

/** `, about 2 minutes left`; nothing where nobody can say, or where it is not worth saying. */
function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 10) return "";
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return ", less than a minute left";
  return minutes < 90 ? `, about ${minutes} minutes left` : `, about ${Math.round(minutes / 60)} hours left`;
}

export const sending = {
  left: (count: number, bytes: number, until: string) =>
    count === 0
      ? "This link takes no more files than these."
      : `You can send ${count === 1 ? "1 more file" : `${count} more files`}, up to ${size(bytes)} in all, until ${moment(until)}.`,
  leftAtFirst: (count: number, bytes: number, until: string) =>
    `You can send up to ${files(count)}, ${size(bytes)} in all, until ${moment(until)}.`,

  // ---- Choosing
  choose: "Choose what to send",
  chooseMore: "Something else to send?",
  photo: "Take a photo",
  pick: "Choose files",
  pickMore: "Choose more files",
  any: "Photos, PDFs, scans, X-rays (DICOM), sound or video: any kind of file.",
  chosen: "Ready to send",
  remove: "Remove",
  removeNamed: (name: string) => `Remove ${name}`,
  send: (count: number, bytes: number) => `Send ${files(count)} (${size(bytes)})`,
  empty: (name: string) => `“${name}” is empty, so there is nothing to send.`,
  tooLarge: (name: string, bytes: number, left: number) =>
    `“${name}” has ${size(bytes)}, and this link can take ${size(left)} more. It was not added. Ask for a link that takes larger files.`,
  tooMany: (name: string) => `“${name}” was not added: this link takes no more files than these.`,
  twice: (name: string) => `“${name}” is in the list already.`,

  // ---- Going on after an interruption
  interruptedTitle: "Not finished yet",
  interrupted: (name: string, bytes: number) =>
    `You were sending “${name}” (${size(bytes)}). Choose the same file again to go on where it stopped.`,
  again: "Choose the file again",
  againNamed: (name: string) => `Choose the file again: ${name}`,
  giveUp: "Do not send it",
  giveUpNamed: (name: string) => `Do not send it: ${name}`,
  other: (name: string, bytes: number) =>
    `That is another file. Look for “${name}” with ${size(bytes)}, or send the other one as a new file below.`,
  unnamed: "a file",

  // ---- Sending
  sendingTitle: "Sending",
  stayOpen: "Please keep this page open until everything has arrived.",
  waits: "Waits for the one before",
  prepares: "Getting it ready…",
  sent: (done: number, all: number, secondsLeft: number) =>
    `${size(done)} of ${size(all)} sent${timeLeft(secondsLeft)}`,
  reconnecting: "Waiting for the connection. It goes on by itself; what has been sent is kept.",
  finishing: "Almost there…",
  paused: "Paused. What has been sent is kept.",
  pause: "Pause",
  resume: "Go on",
  cancel: "Cancel",
  cancelNamed: (name: string) => `Cancel ${name}`,
  cancelled: (name: string) => `${name} was not sent.`,
  failed: {
    offline: "The connection was lost. What has been sent is kept.",
    link_exhausted: "This link cannot take this file any more. Ask for a link that takes more.",
    file_unreadable:
      "The file cannot be read any more. It may have been moved or changed. Cancel it here and choose it again.",
    other_file: "This is another file than before. Cancel it here and choose the right one.",
    upload_expired: "This took too long, and the file has to be sent from its beginning. Press “Go on”.",
    other: "This did not work. What has been sent is kept: press “Go on” to try again.",
  },

  // ---- Arrived
  arrivedTitle: "Arrived safely",
  arrivedSaid: (name: string) => `${name} has arrived safely.`,
  allArrived: "Thank you. Everything you chose has arrived.",
  closing: "You can close this page.",
  exhausted: "Everything this link can take has been sent",
  exhaustedNext: (who: string) =>
    `You can close this page. If you have more to send, ask ${who} for another link.`,
  at: (at: string) => `Received ${moment(at)}`,
  reference: "Reference",
  showReference: "Show the reference",
  showReferenceNamed: (name: string) => `Show the reference of ${name}`,
  copy: "Copy",
  copyNamed: (name: string) => `Copy the reference of ${name}`,
  copied: "Copied",
  referenceText: "If you have a question about a file, name its reference.",
  print: "Print or save this receipt",
  receiptFor: (who: string, organization: string, what: string) => `Sent to ${who}, ${organization}: ${what}`,
};
