/** Counting up what comes due, for a chart and its table. */

export interface Bucket {
  month: string;
  class: string;
  records: number;
}
export type Unit = "month" | "year";

export interface Column {
  /** `2033-05` or `2033`. */
  at: string;
  /** As many as there are classes, in their order. */
  counts: number[];
  total: number;
}
export interface Counted {
  /** The classes there are most of, and `undefined` for all others. */
  classes: (string | undefined)[];
  columns: Column[];
  most: number;
}

const MONTHS = 24;
/** As many as can be told apart by their colour. */
const MOST_CLASSES = 5;

/** Adds up the pages of an outlook. */
export function added(all: Bucket[], page: Bucket[]): Bucket[] {
  const sums = new Map(all.map((one) => [`${one.month} ${one.class}`, one]));
  for (const one of page) {
    const key = `${one.month} ${one.class}`;
    sums.set(key, { ...one, records: one.records + (sums.get(key)?.records ?? 0) });
  }
  return [...sums.values()];
}

/** The months from a day on, or the years from its own to the last that something ends in. */
export function spansOf(from: string, unit: Unit, buckets: Bucket[]): string[] {
  const [year = 0, month = 1] = from.split("-").map(Number);
  if (unit === "month") {
    return Array.from({ length: MONTHS }, (_, ahead) => {
      const count = year * 12 + month - 1 + ahead;
      return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, "0")}`;
    });
  }
  const last = Math.max(year, ...buckets.map((one) => Number(one.month.slice(0, 4))));
  return Array.from({ length: last - year + 1 }, (_, ahead) => String(year + ahead));
}

/** What ends when, by the classes there are most of. */
export function counted(from: string, unit: Unit, buckets: Bucket[]): Counted {
  const spans = spansOf(from, unit, buckets);
  const index = new Map(spans.map((span, at) => [span, at]));
  const place = (one: Bucket) => index.get(unit === "month" ? one.month : one.month.slice(0, 4));
  const shown = buckets.filter((one) => place(one) !== undefined);
  const totals = new Map<string, number>();
  for (const one of shown) totals.set(one.class, (totals.get(one.class) ?? 0) + one.records);
  const ranked = [...totals].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  const named = ranked.slice(0, MOST_CLASSES);
  const classes = ranked.length > MOST_CLASSES ? [...named, undefined] : named;
  const columns: Column[] = spans.map((at) => ({ at, counts: classes.map(() => 0), total: 0 }));
  for (const one of shown) {
    const column = columns[place(one) ?? 0];
    const at = named.includes(one.class) ? named.indexOf(one.class) : MOST_CLASSES;
    if (!column) continue;
    column.counts[at] = (column.counts[at] ?? 0) + one.records;
    column.total += one.records;
  }
  return { classes, columns, most: Math.max(0, ...columns.map((column) => column.total)) };
}

/** The round number a scale ends with. */
export function roundUp(most: number): number {
  if (most <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most;
}
