import { describe, expect, it } from "vitest";
import { partsOf, rowsOf } from "./import-list";

const NAMES = "file_number,title,location";

describe("a list of folders", () => {
  it("has rows that stay whole, and lines as an editor counts them", () => {
    const text = `${NAMES}\r\n1,"Two\nlines",A\r\n\r\n,,\r\n2,"say ""a""\n",B\r\n3,5"" disk,C`;
    expect(rowsOf(text)).toEqual([
      { text: NAMES, line: 1 },
      { text: '1,"Two\nlines",A', line: 2 },
      { text: '2,"say ""a""\n",B', line: 6 },
      { text: '3,5"" disk,C', line: 8 },
    ]);
  });

  it("comes in parts, each with the names of the columns and the line it begins on", () => {
    const text = `\uFEFF${NAMES}\n1,a,A\n2,b,B\n\n3,c,C\n`;
    expect(partsOf(text, 2)).toEqual([
      { csv: `${NAMES}\n1,a,A\n2,b,B\n`, firstLine: 2, rows: 2 },
      { csv: `${NAMES}\n3,c,C\n`, firstLine: 5, rows: 1 },
    ]);
    expect(partsOf(text, 3)).toEqual([{ csv: `${NAMES}\n1,a,A\n2,b,B\n\n3,c,C\n`, firstLine: 2, rows: 3 }]);
    expect(partsOf(NAMES)).toEqual([]);
    expect(partsOf("")).toEqual([]);
  });

  it("comes in parts that a call takes", () => {
    const row = `1,"${'""'.repeat(50)}",Main site\n`;
    const parts = partsOf(`${NAMES}\n${row.repeat(3_000)}`);
    expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(3_000);
    for (const part of parts) {
      expect(part.rows).toBeLessThanOrEqual(1_000);
      expect(JSON.stringify(part.csv).length).toBeLessThan(201_000);
    }
    expect(parts.map((part) => part.firstLine)).toEqual(
      parts.map((_, at) => 2 + parts.slice(0, at).reduce((sum, part) => sum + part.rows, 0)),
    );
  });
});
