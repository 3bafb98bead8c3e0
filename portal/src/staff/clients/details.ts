/** The details of a person as they are shown, in the order in which people ask for them. */
import type { components } from "../../api/schema";
import { day } from "../../texts/format";

type Person = components["schemas"]["ClientDetail"];
export type DetailName = components["schemas"]["Field"] | "email";
export interface ShownDetail {
  name: DetailName;
  value: string | undefined;
  isMasked: boolean;
}

const ORDER: DetailName[] = [
  "full_name",
  "other_names",
  "date_and_time_of_birth",
  "place_of_birth",
  "telephone_number",
  "email",
  "mailing_address",
  "social_security_number",
  "marital_status",
  "race_or_ethnic_origin",
  "height_and_weight",
  "physical_characteristics",
];

/** All that can be known of a person, masked as the API gives it. */
export function detailsOf(person: Person): ShownDetail[] {
  const fields = person.fields.map(({ field, value, is_masked }): ShownDetail => ({
    name: field,
    value: value ?? undefined,
    isMasked: is_masked,
  }));
  const email = person.email ?? undefined;
  const all: ShownDetail[] = [...fields, { name: "email", value: email, isMasked: Boolean(email) }];
  return all.sort((one, other) => ORDER.indexOf(one.name) - ORDER.indexOf(other.name));
}

/** A detail in the clear, line by line, as people write it. */
export function linesOf(name: DetailName, value: string): string[] {
  if (name === "date_and_time_of_birth") {
    const [date = "", time] = value.split("T");
    return [
      /^\d{4}-\d\d-\d\d$/.test(date) ? [day(date), time?.slice(0, 5)].filter(Boolean).join(", ") : value,
    ];
  }
  const lines = name === "mailing_address" ? value.split("\n") : value.split("; ");
  if (name !== "height_and_weight") return lines;
  return lines.map((line) => line.replace(/[\d.]+(?= kg$)/, (weight) => Number(weight).toLocaleString()));
}
