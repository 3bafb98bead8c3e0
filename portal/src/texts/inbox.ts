/** The inbox: what people sent over links, and what is decided about it. */
import type { components } from "../api/schema";
import { fromNow, readable, size } from "./format";

const reasons: Record<string, string> = {
  not_examined: "It could not be examined, so nobody knows what is in it.",
  not_examinable: "It could not be examined, so nobody knows what is in it.",
  nested_too_deeply: "It holds archives within archives, deeper than can be searched.",
  content_mismatch: "It is something else than its name says.",
  active_content: "It holds something that could run by itself, such as a macro or a script.",
  executable: "It is a program, or holds one.",
  malware_signature: "It holds a known piece of malware.",
  empty_file: "It is empty.",
  decompression_bomb: "It unpacks to far more than it seems, which is a way to do harm.",
  size_mismatch: "It is not as large as its sender said. It may have been changed on its way.",
  digest_mismatch: "It is not what its sender announced. It may have been changed on its way.",
};

const warnings = (client: string): Record<string, string> => ({
  patient_mismatch: `It names another person than this ${client}. Compare before you file it.`,
  duplicate_file: "The same file was sent to this chart before.",
  carries_location: "It says where it was made (a place on the map).",
  carries_personal_name: "It names a person besides what is visible.",
  damaged: "It is damaged or cut off.",
  encrypted: "It is locked with a password and could not be examined.",
  partly_examined: "It is too large to be examined completely.",
  no_preview: "No preview could be made.",
  type_differs: "It is of another harmless type than its name says.",
  burned_in_annotation: "A name may be visible in the picture itself.",
});

const classes: Record<string, string> = {
  dicom: "X-ray or scan (DICOM)",
  image: "Picture",
  pdf: "PDF",
  document: "Document",
  text: "Text",
  audio: "Sound",
  video: "Video",
  other: "File",
};

export const inbox = {
  // ---- Parts of the room
  tabsName: "Parts of the inbox",
  tabs: { files: "Files", cosignatures: "To co-sign", transfers: "Transfers", notices: "Notices" },

  // ---- Notices
  noticesText: "What colleagues did that concerns you. Each is forgotten after 90 days.",
  noticeAbout: (records: number) => (records === 1 ? "1 record" : `${records} records`),
  noticeDue: (when: string) => `on ${when}`,
  noticesNone: "Nothing new",
  noticesNoneText: "When a colleague shares a chart with you, or signs your note, it says so here.",
  noticeOpen: "Open",
  dismiss: "Dismiss",
  dismissed: "The notice is gone",
  noticeReasons: {
    chart_shared: (who: string) => `${who} shared a chart with you.`,
    sharing_changed: (who: string) => `${who} changed what you may do with a shared chart.`,
    sharing_ended: (who: string) => `${who} no longer shares a chart with you.`,
    collaborator_left: (who: string) => `${who} left a chart of yours.`,
    grant_revoked: (who: string) => `${who} ended sharing of a chart of yours.`,
    note_to_cosign: (who: string) => `${who} signed a note that waits for your signature.`,
    note_cosigned: (who: string) => `${who} co-signed your note.`,
    note_returned: (who: string) => `${who} sent your note back to be amended.`,
    transfer_offered: (who: string) => `${who} offers you a chart.`,
    transfer_accepted: (who: string) => `${who} accepted the chart you offered.`,
    transfer_declined: (who: string) => `${who} declined the chart you offered.`,
    transfer_withdrawn: (who: string) => `${who} withdrew the offer of a chart.`,
    proxy_appointed: (who: string) => `${who} appointed who stands for the person of a chart of yours.`,
    space_invitation: (who: string) => `${who} invited you to a space.`,
    session_associated: (who: string) => `${who} associated a session with your service center.`,
    session_released: (who: string) => `${who} released a session of yours from their service center.`,
    form_to_counter_sign: () => "A form of a session waits for your counter-signature.",
    form_to_answer: () => "A form of a session waits for your answers.",
    participant_notified: () => "Somebody was told that a form of a session waits for their answers.",
    retention_ending: () => "The time of records ends soon.",
    retention_ended: () => "The time of records has ended: they can be proposed for disposition.",
    retention_unknown: () => "Too little is known to say how long records are kept.",
    hold_placed: (who: string) => `${who} placed a legal hold. You are one of its custodians.`,
    hold_released: (who: string) => `${who} released a legal hold you were a custodian of.`,
    records_held: () => "A legal hold keeps records: nothing it covers is destroyed.",
    records_released: () => "A legal hold that kept records was released.",
    hold_to_reaffirm: () => "A legal hold has to be reaffirmed.",
    disposition_to_approve: (who: string) => `${who} proposed a disposition. It waits for approval.`,
    disposition_approved: () => "A disposition was approved by two people and can be executed.",
    disposition_rejected: (who: string) => `${who} rejected a disposition.`,
    destruction_ordered: () => "Paper is to be destroyed, with a witness.",
    destruction_withdrawn: () => "Paper that was to be destroyed is not to be destroyed.",
    records_destroyed: () => "Records were destroyed. A certificate says so.",
    incident_to_assess: (who: string) => `${who} reported a folder lost or damaged. It has to be assessed.`,
    escrow_requested: (who: string) => `${who} asks to open your chart for a legal cause.`,
    escrow_to_approve: (who: string) =>
      `${who} asks to open a chart for a legal cause. Somebody else has to decide.`,
    escrow_approved: (who: string) => `${who} approved that a chart is opened for a legal cause.`,
    escrow_refused: () =>
      "A chart is not opened for a legal cause: it was refused, or is no longer asked for.",
    escrow_ended: () => "A chart that was opened for a legal cause is closed again.",
  } satisfies Record<components["schemas"]["NoticeReason"], (who: string) => string>,

  // ---- Notes to co-sign
  cosignText:
    "Notes that interns and students have signed in your charts. They count when you have signed too.",
  cosignNone: "No note waits for you",
  cosignNoneText: "Share a chart with the type Approval, and the notes written there come here.",
  cosignBy: (who: string, when: string) => `${who}, ${when}`,
  cosignOpen: "Read",

  // ---- Charts on their way
  offersText: "Charts that colleagues hand over to you, and those you hand over.",
  offersNone: "No chart is on its way",
  offersNoneText: "A chart is offered from its share tab.",
  offersToMe: "Offered to you",
  offersFromMe: "Offered by you",
  offersOthers: "Others in your organization",
  offerFrom: (who: string, when: string) => `From ${who}, offered on ${when}`,
  offerTo: (who: string, when: string) => `To ${who}, offered on ${when}`,
  offerCopy: "The present owner keeps a read-only copy.",
  offerAccept: "Accept",
  offerAcceptNamed: (who: string) => `Accept the chart of ${who}`,
  offerAccepted: "The chart is yours now",
  offerDecline: "Decline",
  offerDeclineNamed: (who: string) => `Decline the chart of ${who}`,
  offerDeclined: "You have declined; everything is as it was",

  title: "Inbox",
  intro: (clients: string) =>
    `What your ${clients} sent over links. Nothing is in a chart before you file it.`,
  filters: { all: "All", waiting: "To decide", checking: "Being checked", held: "Held back" },
  filterLabel: "Show",
  counted: (label: string, count: number, more: boolean) => `${label} (${count}${more ? "+" : ""})`,
  list: "Files",
  emptyTitle: "Nothing is waiting",
  emptyText: (client: string) =>
    `When a ${client} sends something over a link, it appears here. You make links in the chart, under “Links for sending files”.`,
  toClients: (clients: string) => `To the ${clients}`,
  noneTitle: "Nothing of this kind",
  noneText: "Everything else is under “All”.",
  choose: "Choose a file to look at it and decide.",
  arrived: (count: number) => (count === 1 ? "1 new file has arrived" : `${count} new files have arrived`),
  stale: "The list could not be brought up to date just now. It is tried again by itself.",

  states: {
    inspecting: "Being checked",
    available: "To decide",
    quarantined: "Held back",
    rejected: "Refused",
  } as Record<string, string>,
  stateText: {
    inspecting: "It is being checked for dangers. That takes seconds for a photo, minutes for a large scan.",
    quarantined: "It is kept locked and cannot be opened or filed. You can decline it with a reason.",
    rejected: "It cannot be kept. Decline it with a reason.",
  } as Record<string, string>,
  reason: (code: string | null | undefined) => reasons[code ?? ""] ?? readable(code ?? "unknown"),
  warning: (code: string, client: string) => warnings(client)[code] ?? readable(code),
  kind: (name: string | null | undefined) => classes[name ?? "other"] ?? readable(name ?? "other"),
  received: (at: string) => fromNow(at),

  // ---- Links that have ended
  renewals: "A new link is asked for",
  renewalsText: (client: string) =>
    `The link has ended before the ${client} could send everything. Make another one, or switch the old one off.`,
  renewalAsked: (at: string) => `asked ${fromNow(at)}`,
  renew: "To the links",

  // ---- One file
  back: "Back to the list",
  file: "File",
  type: "What it is",
  receivedAt: "Received",
  reference: "Reference",
  referenceHint: "as on the receipt",
  personNumber: (name: string, number: string) => `${name}, number ${number}`,
  openChart: (client: string) => `Open the ${client}`,
  whyHeld: "Why it is held back",
  beAware: "Before you file it",
  beAwareShort: "Look twice",

  // ---- Looking at it
  lookLarge: (bytes: number) => `Load it (${size(bytes)})`,
  openTab: "Open in a new tab",
  download: "Download",
  opening: "Opening…",
  pictureOf: (name: string) => `The picture ${name}`,
  notShown: "The browser cannot show this kind of file. Download it to open it in a program of your own.",
  broken: "The browser could not show it. Download it instead.",

  // ---- Deciding
  accept: "File in the chart",
  acceptTitle: "File it in the chart",
  titleLabel: "Title",
  titleMissing: "Give it a title.",
  section: "Section",
  occurredOn: "Day it tells of",
  occurredOnHint: "When it was made or written.",
  accepting: "Filing…",
  accepted: (title: string) => `“${title}” is in the chart now.`,
  openRecord: "Open the record",
  decline: "Decline",
  declineTitle: "Decline this file?",
  declineText: (client: string) =>
    `It stays out of the chart, and is not lost. The ${client} is not told by itself; tell them if you need something else.`,
  reasonLabel: "Reason",
  reasonHint: "For example: wrong person, too blurred to read. It is kept as evidence.",
  reasonMissing: "Say why.",
  declining: "Declining…",
  declined: (title: string) => `“${title}” was declined.`,
  decided: "Somebody has decided on this file already. The list has been brought up to date.",
  changed: "The file's state changed meanwhile. What you typed is still here: check it and press again.",
};
