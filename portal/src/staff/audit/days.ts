/** Days of a time zone as moments, and moments the API has placed in a zone as days and times. */

/** How far a zone is ahead of UTC at a moment, in milliseconds. */
function ahead(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const there = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return there - Math.floor(at / 1000) * 1000;
}

/** The moment a day (`2026-11-26`) begins in a zone, `later` days on. */
export function startOfDay(day: string, timeZone: string, later = 0): string {
  const midnight = Date.parse(`${day}T00:00:00Z`) + later * 86_400_000;
  // The offset is that of the moment itself, which is known only with the offset: the second try has it.
  const guess = midnight - ahead(midnight, timeZone);
  return new Date(midnight - ahead(guess, timeZone)).toISOString();
}

/** `2026-11-26T14:02:03.5-05:00[America/Toronto]`, taken apart. */
export function localParts(atLocal: string): { day: string; time: string; zone: string } {
  const zone = /\[([^\]]+)\]$/.exec(atLocal)?.[1] ?? "";
  return { day: atLocal.slice(0, 10), time: atLocal.slice(11, 19), zone };
}

/** `Thursday, 26 November 2026` in the reader's language. */
export function dayInFull(day: string): string {
  return new Date(`${day}T12:00:00Z`).toLocaleDateString(undefined, { dateStyle: "full", timeZone: "UTC" });
}

/** `14:02` or `2:02 PM`, as the reader writes it. */
export function timeOfDay(time: string): string {
  return new Date(`2000-01-01T${time}Z`).toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "UTC",
  });
}

/** The last day of a month such as `2026-11`. */
export function lastDay(month: string): string {
  const [year = 0, of = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, of, 0)).toISOString().slice(0, 10);
}

/** This month and those before it, newest first. */
export function monthsBack(count: number, now = new Date()): string[] {
  return Array.from({ length: count }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}

/** `November 2026`. */
export function monthInFull(month: string): string {
  return new Date(`${month}-15T12:00:00Z`).toLocaleDateString(undefined, {
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
