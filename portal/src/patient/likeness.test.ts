import { expect, test } from "vitest";
import { isLike } from "./likeness";
import { shortReference } from "./reference";

const sent = (file_name: string | undefined, size_bytes: number) => ({
  upload_id: "u",
  file_name: file_name ?? null,
  size_bytes,
  state: "open",
});
const file = (name: string) => new File(["1234"], name);

test("the same file is known again, also under the name that was made safe", () => {
  expect(isLike(file("IMG_1.jpg"), sent("IMG_1.jpg", 4))).toBe(true);
  expect(isLike(file("Röntgen: links?.png"), sent("Röntgen links.png", 4))).toBe(true);
  expect(isLike(file("a.png"), sent(undefined, 4))).toBe(true);
});

test("another name or another size is another file", () => {
  expect(isLike(file("IMG_1.jpg"), sent("IMG_2.jpg", 4))).toBe(false);
  expect(isLike(file("IMG_1.jpg"), sent("IMG_1.jpg", 5))).toBe(false);
});

test("a very long name that was cut is known by its beginning", () => {
  const name = "я".repeat(300);
  expect(isLike(file(`${name}.dcm`), sent(`${name.slice(0, 150)}.dcm`, 4))).toBe(true);
});

test("a reference is short enough to be read out", () => {
  expect(shortReference("019ac0de-0000-7000-8000-0000f78301e8")).toBe("F783-01E8");
});
