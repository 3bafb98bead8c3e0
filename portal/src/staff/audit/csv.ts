/** A trail as a table for spreadsheets: RFC 4180, and nothing in it that a spreadsheet would run. */
import { columns, subjectColumns } from "../../texts/audit";
import type { Entry } from "./trail";

/** A cell that starts like this is taken for a formula. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;
const QUOTED = /[",\r\n]/;

/** One cell: text that looks like a formula is made text by an apostrophe, and what needs quotes gets them. */
export function cell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line. */
export const line = (values: string[]): string => `${values.map(cell).join(",")}\r\n`;

const actorId = ({ actor }: Entry): string =>
  actor.actor === "member" ? actor.member_id : actor.actor === "intake_link" ? actor.link_id : actor.name;

type Column = [head: string, value: (entry: Entry) => string];

const columnsFor = (client: string): Column[] => [
  [columns.at, (entry) => entry.at],
  [columns.local, (entry) => entry.at_local],
  [columns.sentence, (entry) => entry.sentence],
  [columns.kind, (entry) => entry.kind],
  [columns.outcome, (entry) => entry.outcome],
  [columns.actor, (entry) => entry.actor_name ?? ""],
  [columns.actorId, actorId],
  [columns.member, (entry) => entry.member_name ?? ""],
  ...subjectColumns(client).map(([name, head]): Column => [head, (entry) => entry.subjects[name] ?? ""]),
  [columns.purpose, (entry) => entry.purpose],
  [columns.ip, (entry) => entry.source.ip ?? ""],
  [columns.userAgent, (entry) => entry.source.user_agent ?? ""],
  [columns.policies, (entry) => entry.policies.join(" ")],
  [
    columns.details,
    (entry) =>
      Object.entries(entry.details)
        .map((pair) => pair.join("="))
        .join("; "),
  ],
  [columns.request, (entry) => entry.source.request_id],
  [columns.id, (entry) => entry.id],
  [columns.digest, (entry) => entry.digest],
];

/** The first line. */
export const csvHead = (client: string): string => line(columnsFor(client).map(([head]) => head));

/** One line for each entry. */
export function csvLines(entries: Entry[]): string {
  const all = columnsFor("");
  return entries.map((entry) => line(all.map(([, value]) => value(entry)))).join("");
}
