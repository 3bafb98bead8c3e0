import { describe, expect, it } from "vitest";
import { cell, csvHead, csvLines } from "./csv";
import type { Entry } from "./trail";

const entry: Entry = {
  id: "0199-e",
  at: "2026-11-26T19:02:03Z",
  at_local: "2026-11-26T14:02:03-05:00[America/Toronto]",
  kind: "RecordRead",
  sentence: 'Dr Amara "Ama" Diallo read the record, again.',
  actor: { actor: "member", member_id: "0199-a" },
  actor_name: '=HYPERLINK("https://evil.example")',
  subjects: { record_id: "0199-r" },
  purpose: "TREAT",
  outcome: "succeeded",
  source: { request_id: "q", ip: "127.0.0.1", user_agent: "@SUM(A1)" },
  policies: ["owner-keeps-record", "other"],
  details: { version: "2", inline: "true" },
  digest: "ab",
};

describe("a cell", () => {
  it("is quoted where RFC 4180 asks for it", () => {
    expect(cell("plain")).toBe("plain");
    expect(cell("a,b")).toBe('"a,b"');
    expect(cell('say "a"')).toBe('"say ""a"""');
    expect(cell("two\r\nlines")).toBe('"two\r\nlines"');
    expect(cell("")).toBe("");
  });

  it("is never a formula", () => {
    for (const start of ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", " =1", "＝1"]) {
      expect(cell(start).replace(/^"/, "").startsWith("'"), JSON.stringify(start)).toBe(true);
    }
    expect(cell("2026-11-26")).toBe("2026-11-26");
  });
});

describe("a trail", () => {
  it("has one line for each entry, as long as the head", () => {
    const heads = csvHead("patient").trimEnd().split(",");
    const text = csvLines([entry, entry]);
    expect(text.split("\r\n")).toHaveLength(3);
    const [first = ""] = text.split("\r\n");
    const cells = first.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.slice(0, heads.length);
    expect(cells).toHaveLength(heads.length);
    expect(first.endsWith(",ab")).toBe(true);
  });

  it("says who, what and why, and runs nothing", () => {
    const text = csvLines([entry]);
    expect(text).toContain('"Dr Amara ""Ama"" Diallo read the record, again."');
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
    expect(text).toContain("'@SUM(A1)");
    expect(text).toContain("owner-keeps-record other,version=2; inline=true,");
  });
});
