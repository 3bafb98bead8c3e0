/** The name of a month, 1 to 12. */
export const monthName = (month: number): string =>
  new Date(Date.UTC(2026, month - 1, 15)).toLocaleDateString(undefined, { month: "long", timeZone: "UTC" });

export const MONTHS = Array.from({ length: 12 }, (_, at) => at + 1);
