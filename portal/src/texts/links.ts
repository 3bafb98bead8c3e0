/** Links by which people send files into a chart without an account. */
import { fromNow, moment, size } from "./format";

const files = (count: number) => (count === 1 ? "1 file" : `${count} files`);

export const links = {
  title: "Links for sending files",
  intro: (client: string) =>
    `Ask for an X-ray, a photo or a paper: the ${client} opens the link on a phone and sends it. No account is needed.`,
  make: "New link",
  makeLike: "New link like this one",
  emptyTitle: "No links yet",
  emptyText: (client: string) =>
    `Make one and hand it over by message or as a QR code. What the ${client} sends waits in your inbox.`,

  // ---- One link
  live: (until: string) => `Open until ${moment(until)} (${fromNow(until)})`,
  full: "Full: all it takes has been sent",
  expired: (at: string) => `Ended ${moment(at)}`,
  revoked: (at: string) => `Revoked ${moment(at)}`,
  states: { live: "Open", full: "Full", expired: "Ended", revoked: "Revoked" },
  received: (count: number) => (count === 0 ? "Nothing received yet" : `${files(count)} received`),
  left: (count: number, bytes: number) => `Takes ${files(count)} more, ${size(bytes)} in all`,
  madeBy: (name: string, at: string) => `Made by ${name}, ${moment(at)}`,
  renewal: (client: string, at: string) => `The ${client} asked for a new link ${fromNow(at)}.`,
  revoke: "Revoke",
  revokeNamed: (what: string) => `Revoke the link for ${what}`,
  makeLikeNamed: (what: string) => `New link like this one: ${what}`,
  revokeTitle: "Revoke this link?",
  revokeText: (what: string) =>
    `“${what}” can no longer be sent by it from this moment. What has arrived stays. A revoked link cannot be opened again; you can make a new one.`,
  revokeNow: "Revoke link",
  wasRevoked: "The link was revoked",

  // ---- Making one
  makeTitle: "New link",
  what: "What are you asking for?",
  whatExample: "X-ray of the left wrist",
  whatMissing: "Say what you ask for: it is what people read first.",
  message: "A few words to go with it",
  messageHint: "Shown on the page with your name.",
  until: "How long does it work?",
  lifetimes: { day: "1 day", threeDays: "3 days", week: "1 week", custom: "Until a moment I choose" },
  moment: "It ends",
  momentHint: (days: number) => `At most ${days} days from now.`,
  momentWrong: (days: number) => `Choose a moment in the next ${days} days.`,
  endsOn: (at: string) => `Ends ${moment(at)}`,
  files: "How many files at most?",
  filesHint: (most: number) => `1 to ${most}.`,
  filesWrong: (most: number) => `Give a number from 1 to ${most}.`,
  bytes: "How large in all?",
  bytesHint: "A photo has about 5 MB, an X-ray 20 MB, a CT or MRI 500 MB and more.",
  bytesOf: (bytes: number) => size(bytes),
  create: "Make link",
  creating: "Making the link…",

  // ---- Its address, shown once
  addressTitle: "Your link is ready",
  addressOnce:
    "Copy or print it now: it cannot be shown again. What is kept here is only enough to recognize it.",
  address: "Link",
  copy: "Copy link",
  copied: "Copied",
  notCopied: "Copying did not work here. Select the link and copy it yourself.",
  print: "Print as QR code",
  qr: "QR code of the link",
  scan: (client: string) => `Or let the ${client} scan it from this screen.`,
  handing: (client: string) =>
    `Hand it to nobody but the ${client}: whoever has it can send files into this chart. It shows nothing of the chart.`,
  done: "Done",
  doneUntaken: "You have neither copied nor printed the link, and it cannot be shown again. Close anyway?",

  // ---- The printed page
  sheetAsks: (organization: string) => `${organization} asks you for`,
  sheetSteps: [
    "Open the camera of your phone and point it at the square.",
    "Tap the address that appears.",
    "Take a photo or choose your files, and press “Send”.",
  ],
  sheetSafe:
    "Your files go encrypted, straight to us. You need no account and no app, and nothing stays on the phone.",
  sheetUntil: (at: string) => `You can send until ${moment(at)}.`,
  sheetTyped: "Or type this address into a browser:",
};
