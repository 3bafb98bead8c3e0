import { expect, test } from "vitest";
import { batchSize, piecesOf, piecesThere } from "./plan";

const parts = (part_bytes: number, parts: number) => ({ method: "multipart" as const, part_bytes, parts });

test("pieces add up to the file, the last one shorter", () => {
  expect(piecesOf(parts(10, 3), 25)).toEqual([
    { number: 1, from: 0, to: 10 },
    { number: 2, from: 10, to: 20 },
    { number: 3, from: 20, to: 25 },
  ]);
  expect(piecesOf(parts(10, 2), 20)).toHaveLength(2);
  expect(piecesOf({ method: "single" }, 25)).toEqual([{ number: 1, from: 0, to: 25 }]);
});

test("a part of another size is none of the file's", () => {
  const pieces = piecesOf(parts(10, 3), 25);
  const there = [
    { number: 1, size_bytes: 10 },
    { number: 3, size_bytes: 10 },
    { number: 9, size_bytes: 5 },
  ];
  expect(piecesThere(pieces, there).map((piece) => piece.number)).toEqual([1]);
});

test("a batch is what goes out in a minute, within bounds", () => {
  expect(batchSize(0, 8_000_000, 3)).toBe(3);
  expect(batchSize(800_000, 8_000_000, 3)).toBe(6);
  expect(batchSize(1e9, 8_000_000, 3)).toBe(24);
});
