/** An API and an object storage in memory, for tests: as strict as the real ones, and as moody as a test asks for. */
import { ApiProblem } from "../api/problem";
import { sha256Hex } from "./digest";
import type { Transport } from "./transport";
import type { FileFacts, PresignedRequest, Progress, Wire } from "./wire";

export interface Receipt {
  bytes: Uint8Array<ArrayBuffer>;
}

interface Part {
  bytes: Uint8Array<ArrayBuffer>;
  sha256: string;
}

const request = (url: string, sha256?: string): PresignedRequest => ({
  method: "PUT",
  url,
  headers: { "content-length": "0", ...(sha256 ? { sha256 } : {}) },
});

export class FakeStorage implements Wire<Receipt> {
  facts: FileFacts | undefined;
  state = "open";
  object: Uint8Array<ArrayBuffer> | undefined;
  readonly parts = new Map<number, Part>();
  readonly calls: string[] = [];
  /** What goes wrong: taken from the front, one for each call of that name. */
  readonly mishaps = new Map<string, (() => unknown)[]>();
  sideBySide = 0;
  most = 0;

  constructor(readonly partBytes = Infinity) {}

  goesWrong(call: string, ...how: (() => unknown)[]): void {
    this.mishaps.set(call, how);
  }

  async #called(name: string): Promise<void> {
    this.calls.push(name);
    await this.mishaps.get(name)?.shift()?.();
  }

  get #plan(): Progress["plan"] {
    const size = this.facts?.size_bytes ?? 0;
    if (size <= this.partBytes) return { method: "single" };
    return { method: "multipart", part_bytes: this.partBytes, parts: Math.ceil(size / this.partBytes) };
  }

  get #put(): PresignedRequest | undefined {
    return this.#plan.method === "single" ? request("object", this.facts?.sha256) : undefined;
  }

  async start(facts: FileFacts) {
    this.facts = facts;
    const started = {
      upload_id: "u",
      file_name: facts.file_name,
      plan: this.#plan,
      put: this.#put ?? null,
      expires_at: "",
    };
    await this.#called("start");
    return started;
  }

  async read(): Promise<Progress> {
    await this.#called("read");
    const parts = [...this.parts].map(([number, part]) => ({
      number,
      size_bytes: part.bytes.length,
      sha256: part.sha256,
    }));
    return {
      upload_id: "u",
      state: this.state,
      file_name: this.facts?.file_name ?? "",
      size_bytes: this.facts?.size_bytes ?? 0,
      plan: this.#plan,
      arrived: Boolean(this.object),
      parts,
      put: this.object ? null : (this.#put ?? null),
      expires_at: "",
    };
  }

  async sign(_: string, parts: { number: number; sha256: string }[]) {
    await this.#called("sign");
    return parts.map(({ number, sha256 }) => ({
      number,
      size_bytes: 0,
      request: request(String(number), sha256),
    }));
  }

  async complete(): Promise<Receipt> {
    const plan = this.#plan;
    if (!this.object && plan.method === "multipart") {
      const missing = Array.from({ length: plan.parts }, (_, at) => at + 1).filter(
        (one) => !this.parts.has(one),
      );
      if (!missing.length) this.object = await this.#joined(plan.parts);
    }
    await this.#called("complete");
    if (!this.object) throw new ApiProblem(409, "upload_incomplete", "");
    this.state = "completed";
    return { bytes: this.object };
  }

  async #joined(count: number) {
    const numbers = Array.from({ length: count }, (_, at) => at + 1);
    const bytes = numbers.map((number) => this.parts.get(number)?.bytes ?? new Uint8Array());
    return new Uint8Array(await new Blob(bytes).arrayBuffer());
  }

  async abandon(): Promise<void> {
    await this.#called("abandon");
    this.state = "abandoned";
  }

  readonly transport: Transport = async (asked, body, signal, moved) => {
    this.sideBySide += 1;
    this.most = Math.max(this.most, this.sideBySide);
    try {
      await new Promise((resolve) => setTimeout(resolve, 1));
      signal.throwIfAborted();
      moved(Math.floor(body.size / 2));
      const name = asked.url === "object" ? "put" : `put ${asked.url}`;
      const stopped = new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
      stopped.catch(() => undefined);
      this.calls.push(name);
      const mishap = Promise.resolve(this.mishaps.get(name)?.shift()?.());
      const status = await Promise.race([mishap, stopped]);
      if (typeof status === "number") return status;
      return await this.#take(asked, new Uint8Array(await body.arrayBuffer()));
    } finally {
      this.sideBySide -= 1;
    }
  };

  async #take(asked: PresignedRequest, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    const sha256 = await sha256Hex(new Blob([bytes]));
    if (asked.headers["sha256"] && asked.headers["sha256"] !== sha256) return 400;
    if (asked.url !== "object") this.parts.set(Number(asked.url), { bytes, sha256 });
    else if (this.object) return 412;
    else this.object = bytes;
    return 200;
  }
}
