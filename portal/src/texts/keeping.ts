/** How long records are kept: the words of rules and facts, on a record's page and in the room of retention (R151). */
import type { components } from "../api/schema";

type Schemas = components["schemas"];
const count = (many: number, one: string, several: string) =>
  many === 1 ? `1 ${one}` : `${many} ${several}`;

/** What a record is, as far as its time depends on it. */
export const classNames = {
  health_record: "Health record",
  core_record: "Core record",
  progress_note: "Progress note",
  imaging: "Imaging",
  mammogram: "Mammogram",
  radiation_treatment: "Radiation treatment",
  lab_report: "Laboratory report",
  pathology: "Pathology: slides and blocks",
  tracing: "Tracing (ECG, EEG and the like)",
  consent: "Consent",
  correspondence: "Correspondence",
  psychotherapy_note: "Psychotherapy note",
  raw_data: "Raw data",
  immunization: "Immunization",
  maternity: "Maternity",
  forensic_exam: "Forensic examination",
  expertise: "Expert’s opinion",
  research: "Research",
  facilitated_session: "Facilitated session",
  tutoring: "Tutoring",
  security_video: "Security video",
  employee_exposure: "Employee’s exposure record",
  privacy_documentation: "Privacy documentation",
  disclosure_accounting: "Accounting of disclosures",
  breach_documentation: "Documentation of breaches",
  audit_event: "Audit event",
  disposition_record: "Disposition record",
  space_item: "Entry of a space",
} satisfies Record<Schemas["RecordClass"], string>;

export const practiceNames = {
  hospital: "Hospital",
  clinic: "Clinic",
  ambulatory_surgery: "Ambulatory surgery",
  inpatient_facility: "Inpatient facility",
  physician: "Physician",
  general_practice: "General practice (UK)",
  homeopathic_physician: "Homeopathic physician",
  dentist: "Dentist",
  denturist: "Denturist",
  psychologist: "Psychologist",
  mental_health: "Mental health, other than a psychologist’s",
  physical_therapist: "Physical therapist",
  occupational_therapist: "Occupational therapist",
  chiropractor: "Chiropractor",
  podiatrist: "Podiatrist",
  optometrist: "Optometrist",
  optician: "Optician",
  nurse: "Nurse",
  midwife: "Midwife",
  other_practitioner: "Another licensed practitioner",
  psilocybin_center: "Psilocybin service center or facilitator",
  tutoring: "Tutoring",
} satisfies Record<Schemas["Practice"], string>;

/** What a period begins with, behind “from”. */
export const triggerNames = (client: string): Record<Schemas["Trigger"], string> => ({
  last_encounter: `the last visit of the ${client}`,
  last_entry: `the last entry in any record of the ${client}`,
  last_service: "the last service",
  service_date: "the day the record tells of",
  record_created: "the day the record was made",
  discharge: "discharge",
  discharge_or_last_service: "discharge or the last service",
  discharge_or_death: "discharge or death",
  exam_date: "the examination",
  death: "death",
  end_of_mandate: "the end of the mandate",
  case_closed: "the closing of the case",
  form_signed: "the signature",
  captured: "the recording",
  superseded: "the day it was last in effect",
  none: "nothing: it has no fixed period, or no end",
});

export const payerNames = (client: string): Record<Schemas["Payer"], string> => ({
  medicare: "Medicare",
  medicare_advantage: "Medicare Advantage",
  medicare_part_d: "Medicare Part D",
  medicaid: "Medicaid",
  private_insurance: "Private insurance",
  accident_insurance: "Statutory accident insurance",
  client: `The ${client} themselves`,
  other: "Somebody else",
});

export const statusNames = {
  verified: "Read in the law",
  recalled: "Not read at its source",
  suggestion: "A suggestion, no law",
  policy: "Your own policy",
} satisfies Record<Schemas["RuleStatus"], string>;

/** Whom a rule wants told; nothing where it wants nobody told. */
export const noticeDuties = (client: string): Record<Schemas["NoticeDuty"], string> => ({
  none: "",
  client: `Tell the ${client} before it is destroyed.`,
  client_30_days: `Tell the ${client} 30 days before it is destroyed.`,
  client_by_mail: `Tell the ${client} by mail before it is destroyed; a minor’s parents, too.`,
  health_authority: "Tell the health authority before it is destroyed.",
  authorization_if_early: `An earlier destruction needs the authorization of the ${client}.`,
  statement_at_first_visit: "The period is told at the first visit, and posted.",
  posted_period: "The period is posted.",
  public_on_closure: "Tell the public when the practice closes.",
  destruction_log: "Keep a log of when and how each was destroyed.",
  destroy_on_request: `Once its time has ended, it is destroyed when the ${client} asks for it.`,
});

/** What has to be known first, and what can be done about it. */
export const missingFacts = (client: string): Record<Schemas["MissingFact"], string> => ({
  schedule: "No rule says how long: the schedule is not set, or has a gap.",
  class:
    "It is not known what the record is: give its section a class in the file plan, or the record its own.",
  last_encounter: `It is not known when the ${client} was last seen.`,
  last_entry: "It is not known when something was last entered.",
  discharge: `It is not known when the ${client} was discharged.`,
  mandate_end: "It is not known when the mandate ended.",
  case_closure: "It is not known when the case was closed.",
  signature: "It was not signed.",
  supersession: "It is not known since when it is no longer in effect.",
  minor_rule: `The ${client} was a minor, and the rule leaves open for how long: a policy of yours has to name an age.`,
});

const UNITS: [letter: string, one: string, several: string][] = [
  ["y", "year", "years"],
  ["m", "month", "months"],
  ["d", "day", "days"],
];

/** `11y3m` as `11 years 3 months`. */
export function periodWords(period: string): string {
  if (period === "permanent") return "for ever";
  if (period === "unfixed") return "for no fixed period";
  const parts = UNITS.flatMap(([letter, one, several]) => {
    const many = new RegExp(`(\\d+)${letter}`).exec(period)?.[1];
    return many ? [count(Number(many), one, several)] : [];
  });
  return parts.join(" ") || period;
}

export const keeping = {
  title: "How long it is kept",
  intro: "Worked out anew each time, from the rules that bind and from what is known.",
  until: (when: string) => `It is kept until ${when}.`,
  ended: (when: string) => `Its time ended on ${when}. It can be proposed for destruction.`,
  endedKept: (when: string) => `Its time ended on ${when}, and it is kept all the same.`,
  never: "It is kept for ever, as things stand.",
  unknown: "It cannot be said yet how long it is kept.",
  asOf: (when: string, version: number) => `As of ${when}, by version ${version} of the schedule.`,
  reviewOn: (when: string) => `It is looked at again by itself on ${when}.`,
  coming: "What will change",
  comes: (rule: string, from: string, then: string) =>
    `From ${from} on, the rule ${rule} is in force: as things stand, ${then}.`,
  thenUntil: (when: string) => `it is then kept until ${when}`,
  then: {
    never: "it is then kept for ever",
    unknown: "it cannot be said then how long it is kept",
  },
  missing: "What has to be known first",
  toFacts: "Enter what is known",
  toSchedule: "To the schedule",
  keeps: "What keeps it besides",
  blocks: {
    incapacity: (rule: string, client: string) =>
      `The ${client} lacks capacity, and a rule keeps such records (${rule}).`,
    unpaid_claim: () => "A claim is not paid yet.",
    open_request: () => "A request for it, or for its amendment, is open.",
  },
  holds: (many: number) => count(many, "legal hold keeps it", "legal holds keep it"),
  hold: (number: number) => `Hold ${number}`,
  inDisposition: "It is proposed for destruction.",
  toDisposition: "To the disposition",
  class: "What it is",
  classFrom: {
    record: "as somebody here has said",
    compartment: "because it is kept apart from the chart",
    file_plan: "by the section it is filed in",
    nothing: "the file plan leaves its section out",
  } satisfies Record<Schemas["ClassFrom"], string>,
  noClass: "Not known",
  classChange: "Change",
  classTitle: "What is this record?",
  classText: "What it is decides by which rules it is kept.",
  classBySection: "As its section says",
  classSaved: "The class is saved",
  rules: "The rules that were applied",
  rulesNone: "No rule applies to it.",
  decides: "Decides",
  rule: (id: string, version: string) => `${id}, version ${version}`,
  ruleSource: "Source",
  ruleReadAt: "Read at",
  ruleAsOf: "Text of",
  ruleWhere: "Where",
  everywhere: "Everywhere",
  ruleBegins: "Begins with",
  ruleBegun: (what: string, when: string) => `${what}: ${when}`,
  rulePeriod: "Period",
  ruleBase: "By that, until",
  ruleMinor: "As a minor’s, until",
  ruleDeath: "After death, until",
  ruleAlso: "For what it is, until",
  ruleUntil: "In all, until",
  ruleNever: "For ever, as things stand",
  ruleMissing: "Not known yet",
  inputs: "What the rules were applied to",
  inputNames: {
    birth_year: "Born",
    death_date: "Died",
    first_contact_on: "First contact",
    last_encounter_on: "Last visit",
    last_record_on: "Last day a record tells of",
    last_entry_on: "Last entry in any record",
    discharged_on: "Discharged",
    case_closed_on: "Case closed",
    mandate_ended_on: "Mandate ended",
    residences: "Lives in",
    payers: "Who pays",
    incapacitated: "Lacks capacity",
    unpaid_claim: "A claim is unpaid",
    open_request: "A request is open",
  } satisfies Record<keyof Schemas["ClientFacts"], string>,
  recordInputs: {
    occurred_on: "The record tells of",
    created_on: "The record was made",
    signed_on: "The record was signed",
    last_entry_on: "Its newest version",
    superseded_on: "No longer in effect since",
  } satisfies Partial<Record<keyof Schemas["RecordFacts"], string>>,
  yes: "Yes",
  destroyed: (when: string) => `This record was destroyed on ${when}.`,
  destroyedText: "Nothing of what was in it can be read any more. A certificate says how it was destroyed.",

  // ---- Of a chart
  gone: "What was destroyed of this chart",
  toGone: "All that was destroyed of its chart",
  goneNone: "Nothing of this chart was destroyed.",
  goneWhat: "What it was",
  goneDay: "Told of",
  goneWhen: "Destroyed",

  // ---- Of a client
  facts: "What decides how long records are kept",
  factsText: (client: string) =>
    `What stands nowhere else: every chart of this ${client} is looked at anew when it changes.`,
  factsOf: (client: string) => `What decides how long records of this ${client} are kept`,
  lastSeen: "Last seen",
  lastSeenHint:
    "Notes, examinations and sessions show it by themselves, folders and letters do not. The later day counts.",
  discharged: "Last discharge",
  caseClosed: "Case closed",
  mandateEnded: "Mandate or contract ended",
  residence: "Where they live",
  residenceHint: "A country or part of one, such as US-MD, CA-ON, UK-England or DE. Its rules count, too.",
  residenceWrong: "Write it as US-MD, CA-ON, UK-England or DE.",
  payers: "Who pays",
  incapacitated: "They lack capacity",
  unpaidClaim: "A claim is not paid yet",
  openRequest: "An access request or a request for amendment is open",
  factsBy: (who: string, when: string) => `Entered by ${who}, ${when}`,
  factsNone: "Nothing was entered yet.",
  factsSaved: "Saved. Their charts are looked at anew.",
};
