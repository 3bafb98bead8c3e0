/** How long a record is kept, as the API explains it, in sentences. */
import type { components } from "../../api/schema";
import { day } from "../../texts/format";
import { keeping as texts, missingFacts, payerNames } from "../../texts/keeping";

export type Explanation = components["schemas"]["RetentionExplanation"];
type Fact = [label: string, value: string];

/** The answer in one sentence. */
export function sentenceOf(one: Pick<Explanation, "as_of" | "outcome" | "eligible">): string {
  const { outcome } = one;
  if (outcome.outcome === "never") return texts.never;
  if (outcome.outcome === "unknown") return texts.unknown;
  const when = day(outcome.value);
  if (outcome.value > one.as_of) return texts.until(when);
  return one.eligible ? texts.ended(when) : texts.endedKept(when);
}

/** A rule that is not in force yet, and what it makes of it, in one sentence. */
export function comingWords({ rule_id, effective_from, outcome }: Explanation["coming"][number]): string {
  const then =
    outcome.outcome === "eligible_on" ? texts.thenUntil(day(outcome.value)) : texts.then[outcome.outcome];
  return texts.comes(rule_id, day(effective_from), then);
}

/** What has to be known, in words; what the texts do not know, as the API says it. */
export const missingWords = (missing: { code: string; text: string }, client: string): string =>
  (missingFacts(client) as Record<string, string>)[missing.code] ?? missing.text;

/** What keeps a record though its time has ended. */
export function blockWords(block: Explanation["blocks"][number], client: string): string {
  return block.block === "incapacity"
    ? texts.blocks.incapacity(block.rule_id, client)
    : texts.blocks[block.block]();
}

/** The facts the rules were applied to, as far as there are any. */
export function inputsOf({ client, record }: Explanation["inputs"], word: string): Fact[] {
  const facts: Fact[] = [];
  for (const [name, label] of Object.entries(texts.recordInputs)) {
    const value = record[name as keyof typeof texts.recordInputs];
    if (value) facts.push([label, day(value)]);
  }
  const payers: Partial<Record<string, string>> = payerNames(word);
  for (const [name, label] of Object.entries(texts.inputNames)) {
    const value = client[name as keyof typeof texts.inputNames];
    // The whole day of birth is revealed on the client's page alone, where that is recorded.
    if (name === "birth_year" && value) facts.push([label, `${String(value)}-••-••`]);
    else if (value === true) facts.push([label, texts.yes]);
    else if (Array.isArray(value)) {
      if (value.length) facts.push([label, value.map((one) => payers[one] ?? one).join(", ")]);
    } else if (typeof value === "string") facts.push([label, day(value)]);
  }
  return facts;
}
