/** Permissions of a client, their circle of care, and who stands for them. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export const consents = {
  // ---- Permissions
  title: "Permissions",
  text: (client: string) =>
    `What the ${client} permits: sharing with their circle of care, and access for others.`,
  none: "No permission recorded",
  record: "Record a permission",
  recorded: "The permission is recorded",
  purpose: "What it permits",
  purposes: {
    circle_of_care: "Sharing with the circle of care",
    proxy_access: "Access for somebody of their own",
  } satisfies Record<Schemas["ConsentPurpose"], string>,
  givenBy: "Given by",
  givers: (client: string): Record<Schemas["Giver"], string> => ({
    client: `The ${client}`,
    parent: "A parent",
    guardian: "A guardian",
    legal_representative: "A legal representative",
  }),
  authority: "By what right",
  authorityHint: "A court’s order, a power of attorney.",
  authorityMissing: "Say by what right they speak.",
  method: "How",
  methods: {
    written: "Signed on paper",
    electronic: "Signed electronically",
    verbal: "Said",
  } satisfies Record<Schemas["ConsentMethod"], string>,
  signedOn: "On",
  expiresOn: "Until",
  expiresHint: "The last day on which it holds. Access for others needs one.",
  note: "What it says",
  noteHint: "What may be shared, by whom, with whom and what for.",
  noteMissing: "Say what is permitted.",
  save: "Record",
  status: { live: "Holds", over: "Over", withdrawn: "Withdrawn" } satisfies Record<
    Schemas["ConsentStatus"],
    string
  >,
  said: (giver: string, how: string, when: string) => `${giver}, ${how.toLowerCase()}, ${when}`,
  until: (when: string) => `until ${when}`,
  withdraw: "Withdraw",
  withdrawTitle: "Withdraw this permission?",
  withdrawText:
    "Everything that stands on it ends at once: sharing with the circle of care, and access for others.",
  withdrawn: "The permission is withdrawn, and what stood on it has ended",

  // ---- Circle of care
  circle: "Circle of care",
  circleText:
    "The colleagues and teams who care for this person together. Share your chart with all of them at once.",
  circleNone: "Nobody is in it yet",
  circleNeeds: "Record a permission for the circle of care first.",
  circleSet: "Set the circle",
  circleSaved: "The circle is set",
  circleOut: "Not in it",
  circleShare: "Share with the circle",
  circleShared: (count: number) =>
    count ? `The chart is shared with ${count} more` : "Everybody in the circle has the chart already",

  // ---- Who stands for them
  proxies: "Access for others",
  proxiesText: (client: string) =>
    `Family and caregivers with an account of their own. They see what is written for the ${client}, and nothing else; some fill in forms in sessions, too.`,
  proxiesNone: "Nobody has access",
  appoint: "Give access",
  appointed: (who: string) => `${who} has access`,
  appointedUntilMajority: "It ends on the day before the eighteenth birthday.",
  proxyEmail: "E-mail address of their account",
  proxyEmailHint: (client: string) =>
    `The one they sign in with. Who has no account as a ${client} yet is invited by an administrator under Settings.`,
  proxyEmailWrong: "Write the whole e-mail address they sign in with.",
  relationship: "Who they are",
  relationships: (client: string): Record<Schemas["Relationship"], string> => ({
    oneself: `The ${client} themselves`,
    parent: "Parent",
    guardian: "Guardian",
    partner: "Partner",
    child: "Child",
    caregiver: "Caregiver",
    legal_representative: "Legal representative",
  }),
  scope: "What they may do",
  scopes: (client: string): Record<Schemas["ProxyScope"], string> => ({
    read: `See what is written for the ${client}`,
    read_and_answer: `See it, and fill in the forms of the ${client} in sessions`,
  }),
  answers: "fills in forms",
  proxyConsent: "On which permission",
  proxyConsentMissing: "Choose the permission on which it stands.",
  end: "End access",
  endOf: (who: string) => `End access of ${who}`,
  endTitle: (who: string) => `End the access of ${who}?`,
  endText: "They see nothing any more, at once.",
  ended: (who: string) => `The access of ${who} has ended`,
};
