import { expect, test } from "vitest";
import { pick, titleOf } from "./picked";

const file = (name: string, content = "x") => new File([content], name, { lastModified: 1 });

test("empty files and those chosen already are left out, with a word about it", () => {
  const { picked, refused } = pick(
    [file("a.png"), file("a.png"), file("b.png"), file("c.png", "")],
    [file("b.png")],
  );
  expect(picked.map((one) => one.file.name)).toEqual(["a.png"]);
  expect(refused).toHaveLength(3);
});

test("a title is the name without its ending", () => {
  expect(["Knee left.dcm", ".profile", "Visit 3. May", "scan"].map(titleOf)).toEqual([
    "Knee left",
    ".profile",
    "Visit 3",
    "scan",
  ]);
});
