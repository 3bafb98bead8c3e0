/** A list of folders in parts that a call takes: rows stay whole, and each part begins with the names of the columns. */

export interface Part {
  csv: string;
  /** The line of the whole list on which its first row stands. */
  firstLine: number;
  rows: number;
}

/** As many rows and bytes as one call takes, with room around. */
const MOST_ROWS = 1_000;
const MOST_BYTES = 200_000;

interface Row {
  text: string;
  line: number;
}

/** The rows of a text as they stand there, each with the line it begins on; empty ones are left out. */
export function rowsOf(text: string): Row[] {
  const rows: Row[] = [];
  let [begin, begunOn, line] = [0, 1, 1];
  let isQuoted = false;
  let [isCellEmpty, isJustClosed] = [true, false];
  const end = (at: number) => {
    const row = text.slice(begin, at).replace(/\r$/, "");
    if (row.replace(/[\s,"]/g, "")) rows.push({ text: row, line: begunOn });
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\n") line += 1;
    if (isQuoted) {
      isQuoted = char !== '"';
      isJustClosed = !isQuoted;
      isCellEmpty = false;
      continue;
    }
    // Two quotes in a quoted cell are one: the second opens it again.
    isQuoted = char === '"' && (isCellEmpty || isJustClosed);
    if (char === "\n") {
      end(at);
      [begin, begunOn] = [at + 1, line];
    }
    isCellEmpty = char === "," || char === "\n";
    isJustClosed = false;
  }
  end(text.length);
  return rows;
}

/** How many bytes a text has in a call, its quotes and line ends escaped. */
const bytesOf = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length;

/** The parts of a list; none where there is no row below the names of the columns. */
export function partsOf(text: string, mostRows = MOST_ROWS, mostBytes = MOST_BYTES): Part[] {
  const [head, ...rows] = rowsOf(text.replace(/^\uFEFF/, ""));
  if (!head) return [];
  const names = head.text.replaceAll(/[\r\n]+/g, " ");
  const parts: { lines: string[]; firstLine: number; rows: number; bytes: number; next: number }[] = [];
  for (const row of rows) {
    const bytes = bytesOf(row.text);
    let part = parts.at(-1);
    // Empty lines between two rows stay, so that the lines of the part count on.
    const gap = part ? Array<string>(Math.max(0, row.line - part.next)).fill("") : [];
    if (!part || part.rows >= mostRows || part.bytes + bytes + 2 * gap.length > mostBytes) {
      part = { lines: [names], firstLine: row.line, rows: 0, bytes: bytesOf(names), next: row.line };
      parts.push(part);
    } else {
      part.lines.push(...gap);
      part.bytes += 2 * gap.length;
    }
    part.lines.push(row.text);
    part.rows += 1;
    part.bytes += bytes + 2;
    part.next = row.line + row.text.split("\n").length;
  }
  return parts.map(({ lines, firstLine, rows: count }) => ({
    csv: `${lines.join("\n")}\n`,
    firstLine,
    rows: count,
  }));
}
