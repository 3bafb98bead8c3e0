/** Times, sizes and names as people say them. */

const SIZES = ["bytes", "KB", "MB", "GB", "TB"] as const;

/** `1,4 MB` in the reader's language; units of 1000, as phones and browsers count. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  const number = value.toLocaleString(undefined, { maximumFractionDigits: digits });
  return `${number} ${bytes === 1 ? "byte" : SIZES[unit]}`;
}

/** A moment with its day: `26 Nov 2026, 14:02`. With a zone, the moment there. */
export function moment(at: string, timeZone?: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short", timeZone });
}

/** A moment with its day and zone, for records: `26 Nov 2026, 14:02 GMT-5`. */
export function momentWithZone(at: string, timeZone?: string): string {
  return new Date(at).toLocaleString(undefined, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
    timeZoneName: "short",
  });
}

/** The time of a day: `14:02`. */
export function clock(at: Date): string {
  return at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

/** A day as the API writes it (`2026-11-26`): `26 Nov 2026`. */
export function day(date: string): string {
  return new Date(`${date}T12:00:00Z`).toLocaleDateString(undefined, {
    dateStyle: "medium",
    timeZone: "UTC",
  });
}

/** The day of a moment, on the clock of the device, as `moment` has it: `26 Nov 2026`. */
export function dayOf(at: string): string {
  return new Date(at).toLocaleDateString(undefined, { dateStyle: "medium" });
}

/** How long something plays: `1:07:30`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const tail = rest.toString().padStart(2, "0");
  return hours ? `${hours}:${minutes.toString().padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** `in 3 days`, `2 hours ago`. */
export function fromNow(at: string, now = Date.now()): string {
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const away = new Date(at).getTime() - now;
  for (const [unit, ms] of UNITS) {
    if (Math.abs(away) >= ms) return format.format(Math.round(away / ms), unit);
  }
  return format.format(0, "minute");
}

/** `progress_notes` as `Progress notes`, for names the texts do not know. */
export function readable(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
