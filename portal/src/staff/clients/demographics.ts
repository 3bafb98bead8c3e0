/** What a form about a person holds as text, and what the API takes of it. */
import type { components } from "../../api/schema";

export type Demographics = components["schemas"]["Demographics"];
export type Changes = components["schemas"]["Changes"];
type Field = components["schemas"]["Field"];

export const blank = {
  full_name: "",
  birth_date: "",
  birth_time: "",
  death_date: "",
  file_number: "",
  phones: "",
  other_names: "",
  email: "",
  mailing_address: "",
  place_of_birth: "",
  marital_status: "",
  race_or_ethnic_origin: "",
  social_security_number: "",
  height_cm: "",
  weight_kg: "",
  physical_characteristics: "",
};
export type Typed = typeof blank;

const lines = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

const number = (text: string, factor = 1) => {
  const value = Number(text.replace(",", "."));
  return text.trim() && Number.isFinite(value) ? Math.round(value * factor) : undefined;
};

/** Only what was filled in; times as the API writes them (`07:30:00`). */
export function demographics(typed: Typed): Partial<Demographics> {
  const { phones, other_names, height_cm, weight_kg, birth_time, ...plain } = typed;
  const given = Object.fromEntries(
    Object.entries(plain)
      .map(([name, text]) => [name, text.trim()])
      .filter(([, text]) => text),
  ) as Partial<Demographics>;
  const told: Partial<Demographics> = {
    birth_time: birth_time ? `${birth_time}:00`.slice(0, 8) : undefined,
    phones: phones.trim() ? lines(phones) : undefined,
    other_names: other_names.trim() ? lines(other_names) : undefined,
    height_cm: number(height_cm),
    weight_g: number(weight_kg, 1000),
  };
  for (const [name, value] of Object.entries(told))
    if (value !== undefined) Object.assign(given, { [name]: value });
  return given;
}

/** Whether anything was typed. */
export const isBlank = (typed: Typed): boolean => Object.values(typed).every((text) => !text.trim());

/** What the API calls the parts of a masked detail, as they are when the detail is taken away. */
const TAKEN_AWAY: Partial<Record<Field | "email", Changes>> = {
  mailing_address: { mailing_address: null },
  telephone_number: { phones: [] },
  social_security_number: { social_security_number: null },
  marital_status: { marital_status: null },
  race_or_ethnic_origin: { race_or_ethnic_origin: null },
  date_and_time_of_birth: { birth_date: null, birth_time: null },
  place_of_birth: { place_of_birth: null },
  other_names: { other_names: [] },
  height_and_weight: { height_cm: null, weight_g: null },
  physical_characteristics: { physical_characteristics: null },
  email: { email: null },
};

/** Everything but the name can be taken away again. */
export const canBeTakenAway = (detail: string): boolean => detail in TAKEN_AWAY;

/** What is to be changed: details that are taken away, and those that are typed, which win. */
export function changes(typed: Typed, takenAway: (Field | "email")[]): Changes {
  return Object.assign({}, ...takenAway.map((detail) => TAKEN_AWAY[detail]), demographics(typed)) as Changes;
}
