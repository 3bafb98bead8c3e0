import { describe, expect, it } from "vitest";
import { Saving } from "./saving.svelte";

describe("saving", () => {
  it("has one key for one intention: until it is done, or says something else", async () => {
    const saving = new Saving();
    const keys: string[] = [];
    const run = (content: unknown, isLost: boolean) =>
      saving.run(content, (headers) => {
        keys.push(headers["idempotency-key"] ?? "");
        return isLost ? Promise.reject(new TypeError("lost")) : Promise.resolve("done");
      });
    expect(await run({ name: "Main building" }, true)).toBeUndefined();
    expect(saving.problem).toBeInstanceOf(TypeError);
    expect(saving.isDone).toBe(false);
    expect(await run({ name: "Main building" }, false)).toBe("done");
    expect(saving.problem).toBeUndefined();
    expect(saving.isDone).toBe(true);
    await run({ name: "Main building" }, true);
    await run({ name: "Annex" }, false);
    const [first, again, next, other] = keys;
    expect(again).toBe(first);
    expect(new Set([first, next, other]).size).toBe(3);
  });

  it("does one thing at a time", async () => {
    const saving = new Saving();
    let release: (said: string) => void = () => {};
    const first = saving.run("one", () => new Promise<string>((resolve) => (release = resolve)));
    expect(await saving.run("two", () => Promise.resolve("two"))).toBeUndefined();
    release("one");
    expect(await first).toBe("one");
  });
});
