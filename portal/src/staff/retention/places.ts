/** Countries and parts of them, as rules name where they are in force: the API knows which there are. */

const UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(" ");

/** Whether it is written like a place: `US-MD`, `UK-England`, `DE`, `EU`. */
export const isPlace = (text: string): boolean => /^[A-Z]{2}(-[A-Za-z0-9]{1,16})?$/.test(text);

/** Whether what is in force there is in force here. */
export function isWithin(here: string, there: string): boolean {
  const country = here.split("-")[0] ?? "";
  return here === there || country === there || (there === "EU" && UNION.includes(country));
}

/** Whether a rule is in force in one of some places; one that names none is in force everywhere. */
export const isInForce = (rule: { jurisdictions: string[] }, places: string[]): boolean =>
  !rule.jurisdictions.length ||
  places.some((here) => rule.jurisdictions.some((there) => isWithin(here, there)));
