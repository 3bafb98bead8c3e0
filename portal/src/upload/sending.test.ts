import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiProblem } from "../api/problem";
import { sha256Hex } from "./digest";
import { Queue } from "./queue.svelte";
import { Sending } from "./sending.svelte";
import { FakeStorage } from "./storage.fake";

const page = new EventTarget();

/** Time flies: half a second in two milliseconds. */
let flying: ReturnType<typeof setInterval>;

beforeEach(() => {
  flying = setInterval(() => vi.advanceTimersByTime(500), 2);
  vi.useFakeTimers();
  vi.stubGlobal("window", page);
  vi.stubGlobal("navigator", { onLine: true });
});

afterEach(() => {
  vi.useRealTimers();
  clearInterval(flying);
  vi.unstubAllGlobals();
});

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) % 256);
const fileOf = (length: number, type = "image/png") => new File([bytesOf(length)], "knee.png", { type });

const problem = (status: number, code: string) => () => {
  throw new ApiProblem(status, code, "");
};
const unreachable = () => {
  throw new TypeError("nothing answers");
};
const never = () => new Promise(() => undefined);

/** A sending of 95 bytes in ten parts, or of a single PUT. */
function sendingOf(storage: FakeStorage, length = 95, uploadId?: string) {
  return new Sending(fileOf(length), storage, { transport: storage.transport, uploadId });
}

function expectArrived(sending: Sending<{ bytes: Uint8Array }>, length = 95) {
  expect(sending.problem).toBeUndefined();
  expect(sending.stage).toBe("done");
  expect(sending.receipt?.bytes).toEqual(bytesOf(length));
  expect(sending.sentBytes).toBe(length);
}

const count = (storage: FakeStorage, call: string) => storage.calls.filter((one) => one === call).length;

test("a small file goes in one PUT, with its digest", async () => {
  const storage = new FakeStorage();
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(storage.calls).toEqual(["start", "put", "complete"]);
  expect(storage.facts?.sha256).toBe(await sha256Hex(fileOf(95)));
  expect(sending.sha256).toBe(storage.facts?.sha256);
});

test("a file of an unknown type is called so", async () => {
  const storage = new FakeStorage();
  await new Sending(fileOf(9, ""), storage, { transport: storage.transport }).start();
  expect(storage.facts?.media_type).toBe("application/octet-stream");
});

test("a large file goes in parts, three side by side", async () => {
  const storage = new FakeStorage(10);
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(storage.most).toBe(3);
  expect(storage.calls.filter((call) => call.startsWith("put"))).toHaveLength(10);
});

test("parts are sent again after 403, 400, 500 and broken lines", async () => {
  const storage = new FakeStorage(10);
  storage.goesWrong("put 2", () => 403);
  storage.goesWrong(
    "put 4",
    () => 500,
    unreachable,
    () => 503,
  );
  storage.goesWrong("put 6", () => 400);
  storage.goesWrong("start", unreachable, problem(503, "busy"));
  storage.goesWrong("sign", problem(500, "internal"));
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(count(storage, "put 4")).toBe(4);
});

test("a PUT that was signed too long ago is signed anew", async () => {
  const storage = new FakeStorage();
  storage.goesWrong("put", () => 403);
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(storage.calls).toEqual(["start", "put", "read", "put", "complete"]);
});

test("a PUT whose answer was lost is not asked for twice", async () => {
  const storage = new FakeStorage();
  storage.goesWrong("put", () => {
    storage.object = bytesOf(95);
    throw new TypeError("nothing answers");
  });
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(storage.calls).toEqual(["start", "put", "put", "complete"]);
});

test("what no longer moves is sent again", async () => {
  const storage = new FakeStorage(10);
  storage.goesWrong("put 3", never);
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(count(storage, "put 3")).toBe(2);
});

test("after the screen was locked, nobody waits for the dead", async () => {
  const screen = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", screen);
  const storage = new FakeStorage(10);
  storage.goesWrong("put 3", never);
  const sending = sendingOf(storage);
  const running = sending.start();
  await vi.waitUntil(() => storage.parts.size === 9);
  const locked = Date.now();
  vi.setSystemTime(locked + 6_000);
  screen.dispatchEvent(new Event("visibilitychange"));
  await running;
  expectArrived(sending);
});

test("it waits for the network, however long, and goes on", async () => {
  const storage = new FakeStorage(10);
  const line = { onLine: true };
  vi.stubGlobal("navigator", line);
  storage.goesWrong("put 5", () => {
    line.onLine = false;
    throw new TypeError("nothing answers");
  });
  const sending = sendingOf(storage);
  storage.goesWrong("complete", ...Array.from({ length: 40 }, () => unreachable));
  const running = sending.start();
  const left = Date.now();
  await vi.waitUntil(() => Date.now() - left > 300_000 && sending.stage === "reconnecting", {
    timeout: 4000,
  });
  storage.goesWrong("complete");
  line.onLine = true;
  page.dispatchEvent(new Event("online"));
  await running;
  expectArrived(sending);
});

test("after eight failures in a row it is left to the person, and goes on from there", async () => {
  const storage = new FakeStorage(10);
  storage.goesWrong("put 9", ...Array.from({ length: 30 }, () => unreachable));
  const sending = sendingOf(storage);
  await sending.start();
  expect(sending.stage).toBe("failed");
  expect(sending.problem?.code).toBe("offline");
  storage.goesWrong("put 9");
  await sending.resume();
  expectArrived(sending);
  expect(count(storage, "put 1")).toBe(1);
  expect(count(storage, "start")).toBe(1);
});

test.each([
  ["start", 409, "link_exhausted"],
  ["start", 422, "invalid_size"],
  ["sign", 410, "link_revoked"],
  ["complete", 422, "wrong_size"],
])("a refusal of %s is final: %i %s", async (call, status, code) => {
  const storage = new FakeStorage(10);
  storage.goesWrong(call, problem(status, code));
  const sending = sendingOf(storage);
  await sending.start();
  expect(sending.stage).toBe("failed");
  expect(sending.problem?.code).toBe(code);
  expect(count(storage, call)).toBe(1);
});

test("a completion whose answer was lost is asked for again", async () => {
  const storage = new FakeStorage(10);
  storage.goesWrong("complete", unreachable);
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(count(storage, "complete")).toBe(2);
});

test("parts that the completion misses are sent again", async () => {
  const storage = new FakeStorage(10);
  storage.goesWrong("complete", () => {
    storage.object = undefined;
    storage.parts.delete(7);
  });
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(count(storage, "put 7")).toBe(2);
  expect(count(storage, "put 6")).toBe(1);
});

test("parts that are gone are looked for, not asked for in vain", async () => {
  const storage = new FakeStorage(10);
  storage.goesWrong("put 2", () => 404);
  const sending = sendingOf(storage);
  await sending.start();
  expectArrived(sending);
  expect(count(storage, "read")).toBe(1);
});

test("a pause stops at once, and nothing that arrived is sent again", async () => {
  const storage = new FakeStorage(10);
  storage.goesWrong("put 5", never);
  const sending = sendingOf(storage);
  const running = sending.start();
  await vi.waitUntil(() => storage.parts.size >= 6);
  sending.pause();
  await running;
  expect(sending.stage).toBe("paused");
  const arrived = [...storage.parts.keys()];
  await sending.resume();
  expectArrived(sending);
  for (const number of arrived) expect(count(storage, `put ${number}`)).toBe(1);
});

test("a pause while it completes ends with the same receipt", async () => {
  const storage = new FakeStorage(10);
  const sending = sendingOf(storage);
  storage.goesWrong("complete", () => sending.pause());
  await sending.start();
  expect(sending.stage).toBe("paused");
  await sending.resume();
  expectArrived(sending);
});

test("after a reload only what is missing, or is not the same, is sent", async () => {
  const storage = new FakeStorage(10);
  storage.facts = { file_name: "knee.png", size_bytes: 95, media_type: "image/png" };
  for (const number of [1, 2, 3, 4]) {
    const bytes = bytesOf(95).slice((number - 1) * 10, number * 10);
    if (number === 3) bytes.fill(0);
    storage.parts.set(number, { bytes, sha256: await sha256Hex(new Blob([bytes])) });
  }
  const sending = sendingOf(storage, 95, "u");
  await sending.start();
  expectArrived(sending);
  expect(storage.calls).not.toContain("start");
  expect([1, 2, 3, 4].map((number) => count(storage, `put ${number}`))).toEqual([0, 0, 1, 0]);
});

test("after a reload a file that is complete gets its receipt", async () => {
  const storage = new FakeStorage();
  storage.facts = { file_name: "knee.png", size_bytes: 95, media_type: "image/png" };
  storage.object = bytesOf(95);
  storage.state = "completed";
  const sending = sendingOf(storage, 95, "u");
  await sending.start();
  expectArrived(sending);
  expect(storage.calls).toEqual(["read", "complete"]);
});

test("another file does not go on with an upload", async () => {
  const storage = new FakeStorage(10);
  storage.facts = { file_name: "knee.png", size_bytes: 95, media_type: "image/png" };
  const sending = sendingOf(storage, 96, "u");
  await sending.start();
  expect(sending.problem?.code).toBe("other_file");
});

test("what has expired is begun anew when the person tries again", async () => {
  const storage = new FakeStorage(10);
  storage.facts = { file_name: "knee.png", size_bytes: 95, media_type: "image/png" };
  storage.state = "expired";
  const sending = sendingOf(storage, 95, "u");
  await sending.start();
  expect(sending.problem?.code).toBe("upload_expired");
  storage.state = "open";
  await sending.resume();
  expectArrived(sending);
  expect(count(storage, "start")).toBe(1);
});

test("a cancelled upload is given up, even one that is just being begun", async () => {
  const storage = new FakeStorage(10);
  const sending = sendingOf(storage);
  storage.goesWrong("start", () => void sending.cancel());
  await sending.start();
  await vi.waitUntil(() => storage.state === "abandoned");
  await sending.start();
  await sending.resume();
  expect(sending.receipt).toBeUndefined();
  expect(storage.calls).toEqual(["start", "abandon"]);
});

test("a file that cannot be read any more says so", async () => {
  const storage = new FakeStorage();
  const file = fileOf(95);
  file.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
  const sending = new Sending(file, storage, { transport: storage.transport });
  await sending.start();
  expect(sending.problem?.code).toBe("file_unreadable");
});

test("of a hundred files two go at a time, and one that fails holds none up", async () => {
  let underWay = 0;
  let most = 0;
  const done: unknown[] = [];
  const queue = new Queue<{ bytes: Uint8Array }>((sending) => done.push(sending));
  const storages = Array.from({ length: 100 }, () => new FakeStorage());
  storages[3]?.goesWrong("start", problem(422, "invalid_size"));
  for (const storage of storages) {
    storage.goesWrong("put", () => {
      most = Math.max(most, (underWay += 1));
      return new Promise((resolve) => setTimeout(() => resolve((underWay -= 1)), 5)).then(() => undefined);
    });
  }
  queue.add(...storages.map((storage) => sendingOf(storage)));
  await vi.waitUntil(() => done.length === 99, { timeout: 5000 });
  expect(most).toBe(2);
  expect(queue.items[3]?.stage).toBe("failed");
  const failed = queue.items[3];
  if (failed) queue.resume(failed);
  await vi.waitUntil(() => done.length === 100);
  queue.clear();
  expect(queue.items).toEqual([]);
});
