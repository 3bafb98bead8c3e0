/** A schedule as it is edited, and back to what the API takes (R152). */
import type { components } from "../../api/schema";
import { sectionNames } from "../../texts/clients";

type Schemas = components["schemas"];
export type Schedule = Schemas["ScheduleView"];
export type Rule = Schemas["RuleView"];
export type Terms = Schemas["ScheduleTerms"];
export type Class = Schemas["RecordClass"];
export type Practice = Schemas["Practice"];
export type Trigger = Schemas["Trigger"];
export type Section = Schemas["Section"];
export type Unit = "y" | "m" | "d" | "permanent" | "as_is";

export interface Policy {
  /** Which one it is while it is edited. */
  key: number;
  /** Without `OWN-`. */
  id: string;
  name: string;
  amount: string;
  unit: Unit;
  /** A period that is of years and months at once, kept as it is. */
  period: string;
  trigger: Trigger;
  minors: string;
  classes: Class[];
}

export interface Draft {
  places: string[];
  practices: Practice[];
  adopted: string[];
  policies: Policy[];
  plan: Record<Section, Class | "">;
  cutOff: Schedule["cut_off"]["type"];
  month: number;
}

const OWN = "OWN-";
export const SECTIONS = Object.keys(sectionNames) as Section[];
/** The most of each unit that a period can have. */
export const MOST: Record<string, number> = { y: 200, m: 11, d: 365 };

let keys = 0;
export const newPolicy = (): Policy => ({
  key: ++keys,
  id: "",
  name: "",
  amount: "",
  unit: "y",
  period: "",
  trigger: "last_encounter",
  minors: "",
  classes: [],
});

function policyOf(policy: Schedule["policies"][number]): Policy {
  const plain = /^(\d+)([ymd])$/.exec(policy.period);
  const unit: Unit = plain ? (plain[2] as Unit) : policy.period === "permanent" ? "permanent" : "as_is";
  return {
    key: ++keys,
    id: policy.id.replace(OWN, ""),
    name: policy.name,
    amount: plain?.[1] ?? "",
    unit,
    period: unit === "as_is" ? policy.period : "",
    trigger: policy.trigger === "none" ? "last_encounter" : policy.trigger,
    minors: policy.minors_until_age ? String(policy.minors_until_age) : "",
    classes: [...(policy.classes ?? [])],
  };
}

export function draftOf(schedule: Schedule): Draft {
  const plan = schedule.file_plan as Partial<Record<Section, Class>>;
  return {
    places: [...schedule.jurisdictions],
    practices: [...schedule.practices],
    adopted: schedule.adopted.map((one) => one.rule_id),
    policies: schedule.policies.map(policyOf),
    plan: Object.fromEntries(SECTIONS.map((one) => [one, plan[one] ?? ""])) as Draft["plan"],
    cutOff: schedule.cut_off.type,
    month: schedule.cut_off.type === "fiscal_year_end" ? schedule.cut_off.month : 3,
  };
}

export interface PolicyFaults {
  id: boolean;
  name: boolean;
  amount: boolean;
  minors: boolean;
}

const isWhole = (text: string, least: number, most: number) =>
  /^\d{1,3}$/.test(text) && Number(text) >= least && Number(text) <= most;

/** What is not right yet with a rule of one's own. */
export function faultsOf(policy: Policy, all: Policy[]): PolicyFaults {
  const most = MOST[policy.unit];
  return {
    id:
      !/^[A-Z0-9-]{1,36}$/.test(policy.id) ||
      all.some((other) => other.key !== policy.key && other.id === policy.id),
    name: !policy.name.trim(),
    amount: most !== undefined && !isWhole(policy.amount, 1, most),
    minors: policy.minors !== "" && !isWhole(policy.minors, 18, 120),
  };
}

function policyTerms(policy: Policy): Terms["policies"] {
  const isPermanent = policy.unit === "permanent";
  const period = isPermanent
    ? "permanent"
    : policy.unit === "as_is"
      ? policy.period
      : policy.amount + policy.unit;
  const minors = policy.minors ? { minors_until_age: Number(policy.minors) } : {};
  return [
    {
      id: OWN + policy.id,
      name: policy.name.trim(),
      classes: policy.classes,
      trigger: isPermanent ? "none" : policy.trigger,
      period,
      ...minors,
    },
  ];
}

/** What the API takes; `undefined` where something is not right yet. */
export function termsOf(draft: Draft): Terms | undefined {
  const isRight = (policy: Policy) => !Object.values(faultsOf(policy, draft.policies)).some(Boolean);
  if (!draft.places.length || !draft.practices.length || !draft.policies.every(isRight)) return undefined;
  const plan = Object.entries(draft.plan).filter(([, name]) => name);
  return {
    jurisdictions: draft.places,
    practices: draft.practices,
    adopted: draft.adopted,
    policies: draft.policies.flatMap((policy) => policyTerms(policy) ?? []),
    file_plan: Object.fromEntries(plan) as Record<string, Class>,
    cut_off:
      draft.cutOff === "fiscal_year_end"
        ? { type: draft.cutOff, month: draft.month }
        : { type: draft.cutOff },
  };
}
