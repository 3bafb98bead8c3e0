/** By what a client is looked for, and when what is typed is enough to look for. */
export const CRITERIA = ["name", "birth_date", "file_number", "phone"] as const;
export type Criterion = (typeof CRITERIA)[number];

const PARTIAL_DATE = /^(19|20)\d\d(-(0[1-9]|1[0-2])?(-\d{0,2})?)?$/;
const WHOLE_DATE = /^(\d{1,2})([./])(\d{1,2})\2((?:19|20)\d\d)$/;
const DATE_BEGUN = /^\d{1,2}[./]\d{1,2}[./]\d{0,4}$/;
const PHONE = /^\+|^\(?\d[\d ()/.-]{6,}$/;

/** What somebody most likely means by what they type; they can always choose themselves. */
export function criterionOf(typed: string): Criterion {
  const text = typed.trim();
  if (PARTIAL_DATE.test(text) || DATE_BEGUN.test(text)) return "birth_date";
  if (PHONE.test(text)) return "phone";
  return /\d/.test(text) ? "file_number" : "name";
}

/** Whether the reader's dates begin with the month, where they are written with slashes. */
function monthComesFirst(): boolean {
  const order = new Intl.DateTimeFormat().formatToParts().map((part) => part.type);
  return order.indexOf("month") < order.indexOf("day");
}

/** A date as the API takes it: year, year-month or year-month-day; nothing while it is none yet. */
export function birthDateOf(typed: string, monthFirst = monthComesFirst()): string | undefined {
  const text = typed.trim();
  const [, one = "", mark, two = "", year] = WHOLE_DATE.exec(text) ?? [];
  if (!year) return /^\d{4}(-\d\d){0,2}$/.test(text) ? text : undefined;
  const [month, day] = mark === "/" && monthFirst ? [one, two] : [two, one];
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

/** The least that is looked for: every search is evidence, so one that cannot be answered is not made. */
const ENOUGH: Record<Exclude<Criterion, "birth_date">, (text: string) => boolean> = {
  name: (text) => /[\p{L}\p{N}]\p{M}*[\p{L}\p{N}]/u.test(text),
  file_number: (text) => text.replaceAll(/[^\p{L}\p{N}]/gu, "").length >= 2,
  phone: (text) => text.replaceAll(/\D/g, "").length >= 3,
};

/** What to ask the API for; nothing while too little has been typed. */
export function soughtFor(by: Criterion, typed: string): string | undefined {
  if (by === "birth_date") return birthDateOf(typed);
  const text = typed.trim();
  return ENOUGH[by](text) ? text : undefined;
}
