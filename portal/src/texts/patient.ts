/** What a patient reads on the page of an intake link: warm, plain, and never more than is needed. */
import { moment } from "./format";

/** The pages of a link by which nothing (more) can be sent: what happened, what was kept, what to do. */
export const ended = {
  expired: {
    title: "This link has ended",
    what: "It worked for a limited time, so that nobody could use it later. That time is over.",
    kept: "Whatever you had sent before has arrived and is kept. A file that was still on its way did not arrive.",
    next: "You can ask for a new link here. The person who sent you this one will be told.",
  },
  revoked: {
    title: "This link has been switched off",
    what: "The person who sent it to you has ended it, perhaps because everything has arrived or because it went to the wrong address.",
    kept: "Whatever you had sent before has arrived and is kept.",
    next: "If you still have something to send, please call or write to them as you usually do.",
  },
  unknown: {
    title: "This link does not work",
    what: "Part of the address may be missing. That happens when it is copied or broken into two lines.",
    kept: "Nothing was sent.",
    next: "Open the link again from the message you received, or scan the QR code again. If it still does not work, ask the person who gave it to you for a new one.",
  },
  offline: {
    title: "No connection right now",
    what: "This page cannot reach the place your files go to.",
    kept: "Whatever had been sent is kept, also the parts of a file that was on its way.",
    next: "Check your mobile data or Wi-Fi. This page goes on by itself as soon as there is a connection.",
  },
  broken: {
    title: "Something went wrong on our side",
    what: "It is not your fault, and not your phone's.",
    kept: "Whatever had been sent is kept.",
    next: "Please try again in a few minutes. If it stays like this, tell the person who sent you the link.",
  },
};

export type Ending = keyof typeof ended;

export const renewal = {
  ask: "Send me a new link",
  asking: "Asking…",
  asked: "A new link has been asked for",
  askedText:
    "The person who sent you this one will see that you need another. They will send it to you as they did before. You can close this page.",
  failed:
    "Asking did not work. Please call or write to the person who sent you the link, and say that it has ended.",
};

export const patient = {
  pageTitle: (organization: string) => `Send files to ${organization}`,
  opening: "Opening your link…",
  tryAgain: "Try again",

  // ---- Who asks for what
  asks: (who: string, organization: string) => `${who} of ${organization} asks you for`,
  safeTitle: "Is this safe?",
  safe: (organization: string, until: string) => [
    `Your files go encrypted, straight to the store of ${organization}.`,
    `Only the people there who look after you can see them.`,
    "This page keeps nothing on this phone.",
    "You need no account, no app and no phone number.",
    `The link stops working on ${moment(until)}.`,
  ],
};
