import { expect, test } from "vitest";
import { hex, sha256Hex } from "./digest";

test("digests are written in 64 lower-case digits", async () => {
  expect(hex(new Uint8Array([0, 10, 255]).buffer)).toBe("000aff");
  expect(await sha256Hex(new Blob(["abc"]))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});
