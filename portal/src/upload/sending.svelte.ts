/**
 * One file on its way: begun, sent piece by piece, completed. It bears with lines that break, phones that sleep and
 * pages that are reloaded; what has arrived is never sent twice, and it is done only when the API has said so.
 */
import { ApiProblem, asProblem } from "../api/problem";
import { backoffMs } from "./backoff";
import { sha256Hex } from "./digest";
import { batchSize, piecesOf, piecesThere, type Piece } from "./plan";
import { Rate } from "./rate";
import { isOffline, rest, unlessAborted } from "./surroundings";
import { byXhr, type Transport } from "./transport";
import { watched } from "./watched";
import type { FileFacts, PresignedRequest, Progress, Started, Wire } from "./wire";

export type Stage =
  "waiting" | "preparing" | "sending" | "paused" | "reconnecting" | "completing" | "done" | "failed";

interface Options {
  /** Goes on with an upload that was begun before. */
  uploadId?: string | undefined;
  transport?: Transport;
}

const SIDE_BY_SIDE = 3;
/** Failures in a row, with nothing arriving in between, after which it is left to the person to try again. */
const TRIES = 8;
/** Times it looks anew at what is there, before it takes an upload that will not complete for broken. */
const ROUNDS = 5;
/** How long an answer of the API is waited for; none comes later than that. */
const ANSWER_MS = 30_000;
/** While the browser says that there is no network, it is tried all the same, now and then. */
const OFFLINE_MS = 30_000;
/** How long giving up waits for calls that are under way. */
const GIVE_UP_MS = 3_000;
/** Files up to here are digested before they are begun; larger ones piece by piece. */
const WHOLE_BYTES = 16 * 1024 * 1024;
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+$/;

/** Codes that say: look again at what is there. */
const LOOK_AGAIN = new Set(["upload_incomplete", "upload_over", "object_conflict", "parts_gone"]);
/** Refusals that may be none in a moment, besides those of a server in trouble. */
const PASSING = new Set(["changed_meanwhile", "storage_refused"]);
/** The upload is over, and nothing of it can be gone on with. */
const LOST = new Set(["upload_expired", "other_file"]);

const isPassing = (problem: ApiProblem) => problem.isPassing || PASSING.has(problem.code);

export class Sending<Receipt> {
  stage = $state<Stage>("waiting");
  sentBytes = $state(0);
  bytesPerSecond = $state(0);
  uploadId = $state<string>();
  receipt = $state.raw<Receipt>();
  problem = $state.raw<ApiProblem>();
  /** Of the whole file, where it goes in one piece. */
  sha256 = $state<string>();

  readonly #wire: Wire<Receipt>;
  readonly #transport: Transport;
  readonly #rate = new Rate();
  /** Digests of pieces; a file that changes meanwhile can no longer be read, so that they stay true. */
  readonly #digests = new Map<number, string>();
  /** Pieces that are there, and how far those are that are being sent. */
  readonly #there = new Set<number>();
  readonly #moving = new Map<number, number>();
  #pieces: Piece[] = [];
  #arrivedBytes = 0;
  /** Counts what arrives: a failure after progress is the first one again. */
  #advances = 0;
  #running: Promise<void> | undefined;
  #stop = new AbortController();
  #isCancelled = false;
  /** Calls of the API that are not answered yet. */
  readonly #calls = new Set<Promise<unknown>>();

  constructor(
    readonly file: File,
    wire: Wire<Receipt>,
    options: Options = {},
  ) {
    this.#wire = wire;
    this.#transport = watched(options.transport ?? byXhr);
    this.uploadId = options.uploadId;
  }

  /** Sends the file; settles when it is done, has failed, or is paused. Never rejects. */
  start(): Promise<void> {
    if (this.stage === "done" || this.#isCancelled) return Promise.resolve();
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Stops what is under way; what has arrived stays. */
  pause(): void {
    if (this.stage === "done" || this.stage === "failed") return;
    this.stage = "paused";
    this.#stop.abort(new DOMException("paused", "AbortError"));
  }

  /** Goes on, after a pause or a failure. */
  async resume(): Promise<void> {
    this.wait();
    await this.#running;
    if (this.stage === "waiting") await this.start();
  }

  /** Puts a paused or failed file back among those that wait for their turn. */
  wait(): void {
    if (this.#isCancelled || (this.stage !== "paused" && this.stage !== "failed")) return;
    if (LOST.has(this.problem?.code ?? "")) this.#forget();
    this.problem = undefined;
    this.stage = "waiting";
  }

  /** Gives the upload up; what has come of it is cleared away. */
  async cancel(): Promise<void> {
    if (this.stage === "done") return;
    this.#isCancelled = true;
    this.stage = "paused";
    this.#stop.abort(new DOMException("cancelled", "AbortError"));
    // What was asked already is answered first, so that no answer finds the upload gone.
    await Promise.race([Promise.allSettled(this.#calls), rest(GIVE_UP_MS, new AbortController().signal)]);
    // What cannot be given up now, expires by itself.
    if (this.uploadId) await this.#wire.abandon(this.uploadId).catch(() => undefined);
  }

  #forget(): void {
    this.uploadId = undefined;
    this.#there.clear();
    this.#arrivedBytes = this.sentBytes = 0;
  }

  async #run(): Promise<void> {
    this.problem = undefined;
    this.#rate.forget();
    this.stage = "preparing";
    for (let round = 1; !(await this.#isSettled(round)); round += 1);
    this.#moving.clear();
    this.bytesPerSecond = 0;
  }

  /** One look at what is there, sending of what is not, and try to complete; whether that settles it. */
  async #isSettled(round: number): Promise<boolean> {
    const stop = (this.#stop = new AbortController());
    try {
      this.receipt = await this.#sentAndCompleted();
      this.sentBytes = this.file.size;
      this.stage = "done";
    } catch (thrown) {
      if (stop.signal.aborted) return true;
      // Whatever else is under way is stopped too.
      stop.abort(thrown);
      const problem = asProblem(thrown);
      if (LOOK_AGAIN.has(problem.code) && this.uploadId && round < ROUNDS) return false;
      this.problem = problem;
      this.stage = "failed";
    }
    return true;
  }

  async #sentAndCompleted(): Promise<Receipt> {
    await this.#send();
    this.#enter("completing");
    const id = this.uploadId ?? "";
    return this.#retried(() => this.#asked(this.#wire.complete(id)));
  }

  /** What is paused stays so, whatever comes in late. */
  #enter(stage: Stage): void {
    this.#stop.signal.throwIfAborted();
    this.stage = stage;
  }

  /** Brings what is missing to where it belongs. */
  async #send(): Promise<void> {
    const known = this.uploadId ? await this.#retried(() => this.#look()) : await this.#begin();
    if (known.arrived) {
      this.sentBytes = this.file.size;
      return;
    }
    this.#pieces = piecesOf(known.plan, this.file.size);
    await this.#recognize(known.parts);
    this.#enter("sending");
    if (known.plan.method === "single") await this.#sendWhole(known.put ?? undefined);
    else await this.#sendPieces();
  }

  async #begin(): Promise<Pick<Progress, "plan" | "put" | "parts" | "arrived">> {
    const { name, size, type } = this.file;
    const facts: FileFacts = {
      file_name: name,
      size_bytes: size,
      media_type: MEDIA_TYPE.test(type) ? type : "application/octet-stream",
    };
    if (size <= WHOLE_BYTES) facts.sha256 = this.sha256 ??= await this.#digest(this.file);
    const started = await this.#retried(() => this.#asked(this.#started(facts)));
    return { ...started, parts: [], arrived: false };
  }

  /** Takes the upload's id even if the answer comes when nobody waits for it any more. */
  async #started(facts: FileFacts): Promise<Started> {
    const started = await this.#wire.start(facts);
    this.uploadId ??= started.upload_id;
    if (this.#isCancelled) await this.#wire.abandon(started.upload_id);
    return started;
  }

  async #look(): Promise<Progress> {
    const there = await this.#asked(this.#wire.read(this.uploadId ?? ""));
    if (there.size_bytes !== this.file.size) throw new ApiProblem(422, "other_file", "");
    if (there.state === "abandoned" || there.state === "expired")
      throw new ApiProblem(410, "upload_expired", "");
    return there;
  }

  /** Compares the parts that are there with the file; only those that are the same count. */
  async #recognize(parts: Progress["parts"]): Promise<void> {
    this.#there.clear();
    this.#arrivedBytes = this.sentBytes = 0;
    const digests = new Map(parts.map((part) => [part.number, part.sha256]));
    for (const piece of piecesThere(this.#pieces, parts)) {
      if (digests.get(piece.number) === (await this.#digestOf(piece))) this.#arrived(piece);
    }
  }

  async #sendWhole(put: PresignedRequest | undefined): Promise<void> {
    const [piece] = this.#pieces;
    if (!piece) return;
    let request = put;
    await this.#retried(async () => {
      if (!request) {
        const there = await this.#look();
        if (there.arrived) return;
        request = there.put ?? undefined;
        if (!request) throw new ApiProblem(410, "upload_expired", "");
      }
      const status = await this.#put(piece, request);
      // There already: the answer to an earlier try was lost.
      if (status === 412 || status === 409) return;
      if (status === 403 || status === 400) request = undefined;
      refuse(status);
    });
    this.#arrived(piece);
  }

  async #sendPieces(): Promise<void> {
    const left = this.#pieces.filter((piece) => !this.#there.has(piece.number));
    const requests = new Map<number, PresignedRequest>();
    let signing: Promise<void> | undefined;
    const work = async () => {
      for (;;) {
        // One call signs for all who send.
        while (signing) await signing;
        const piece = left.shift();
        if (!piece) return;
        if (!requests.has(piece.number)) {
          const each = piece.to - piece.from;
          const batch = [
            piece,
            ...left.slice(0, batchSize(this.#rate.bytesPerSecond, each, SIDE_BY_SIDE) - 1),
          ];
          signing = this.#retried(() => this.#sign(batch, requests)).finally(() => (signing = undefined));
          await signing;
        }
        await this.#sendPiece(piece, requests);
      }
    };
    try {
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    } finally {
      // Nobody begins another piece after one has failed.
      left.length = 0;
    }
  }

  async #sendPiece(piece: Piece, requests: Map<number, PresignedRequest>): Promise<void> {
    await this.#retried(async () => {
      if (!requests.has(piece.number)) await this.#sign([piece], requests);
      const request = requests.get(piece.number);
      if (!request) throw new ApiProblem(0, "unexpected", "");
      const status = await this.#put(piece, request);
      // 403: signed too long ago. 400: not the bytes that were announced.
      if (status === 403 || status === 400) requests.delete(piece.number);
      if (status === 400) this.#digests.delete(piece.number);
      refuse(status);
    });
    requests.delete(piece.number);
    this.#arrived(piece);
  }

  async #sign(pieces: Piece[], requests: Map<number, PresignedRequest>): Promise<void> {
    const parts: { number: number; sha256: string }[] = [];
    for (const piece of pieces) parts.push({ number: piece.number, sha256: await this.#digestOf(piece) });
    const signed = await this.#asked(this.#wire.sign(this.uploadId ?? "", parts));
    for (const { number, request } of signed) requests.set(number, request);
  }

  async #put(piece: Piece, request: PresignedRequest): Promise<number> {
    const body = this.#pieces.length > 1 ? this.file.slice(piece.from, piece.to) : this.file;
    const { signal } = this.#stop;
    this.#moving.set(piece.number, 0);
    try {
      return await this.#transport(request, body, signal, (bytes) => {
        if (!signal.aborted) this.#moved(piece, bytes);
      });
    } finally {
      this.#moving.delete(piece.number);
      if (!signal.aborted) this.#count();
    }
  }

  #moved(piece: Piece, bytes: number): void {
    this.#rate.note(bytes - (this.#moving.get(piece.number) ?? 0));
    this.bytesPerSecond = this.#rate.bytesPerSecond;
    this.#moving.set(piece.number, Math.min(bytes, piece.to - piece.from));
    if (this.stage === "reconnecting") this.stage = "sending";
    this.#count();
  }

  #arrived(piece: Piece): void {
    if (this.#there.has(piece.number)) return;
    this.#there.add(piece.number);
    this.#arrivedBytes += piece.to - piece.from;
    this.#advances += 1;
    this.#count();
  }

  #count(): void {
    let bytes = this.#arrivedBytes;
    for (const moving of this.#moving.values()) bytes += moving;
    this.sentBytes = bytes;
  }

  async #digestOf(piece: Piece): Promise<string> {
    const known = this.#digests.get(piece.number);
    if (known) return known;
    const digest = await this.#digest(this.file.slice(piece.from, piece.to));
    this.#digests.set(piece.number, digest);
    return digest;
  }

  async #digest(blob: Blob): Promise<string> {
    const { signal } = this.#stop;
    const digest = await sha256Hex(blob).catch(() => {
      // Moved, changed or deleted since it was chosen; or a folder.
      throw new ApiProblem(422, "file_unreadable", "");
    });
    if (signal.aborted) throw signal.reason;
    return digest;
  }

  #asked<T>(answer: Promise<T>): Promise<T> {
    this.#calls.add(answer);
    const settled = () => this.#calls.delete(answer);
    answer.then(settled, settled);
    return unlessAborted(answer, this.#stop.signal, ANSWER_MS);
  }

  /** Does it until it succeeds, is refused for good, or has failed too often with nothing arriving meanwhile. */
  async #retried<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#stop;
    const { stage } = this;
    let failures = 0;
    let advances = this.#advances;
    for (;;) {
      try {
        const done = await work();
        if (this.stage === "reconnecting" && !signal.aborted)
          this.stage = stage === "reconnecting" ? "sending" : stage;
        return done;
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        const problem = asProblem(thrown);
        if (!isPassing(problem)) throw problem;
        if (advances !== this.#advances) failures = 0;
        advances = this.#advances;
        // Having no network is nobody's failure.
        if (!isOffline()) failures += 1;
        if (failures >= TRIES) throw problem;
      }
      if (isOffline() || !this.#moving.size) this.stage = "reconnecting";
      await rest(isOffline() ? OFFLINE_MS : backoffMs(failures), signal);
    }
  }
}

/** Any answer but "taken", as the problem it is. */
function refuse(status: number): void {
  if (status >= 200 && status < 300) return;
  if (status === 404) throw new ApiProblem(status, "parts_gone", "");
  throw new ApiProblem(status, "storage_refused", "");
}
