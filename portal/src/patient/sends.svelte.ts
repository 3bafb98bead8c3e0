/** Everything a patient has chosen, sends and has sent over one link. */
import { asProblem, type ApiProblem } from "../api/problem";
import { sending as texts } from "../texts/patient-sending";
import { Sending } from "../upload/sending.svelte";
import { stayAwake } from "./awake";
import { endingOf, type Ending } from "./endings";
import { isLike } from "./likeness";
import { abandon, complete, intakeWire, readRequest, type Asked, type Receipt, type Sent } from "./wire";

/** A file that has arrived; after a reload its reference is known once it is asked for. */
export interface Arrived {
  uploadId?: string;
  name: string;
  bytes: number;
  at: string;
  reference?: string;
}

/** The code of a link that takes no more, or not so much more. */
const EXHAUSTED = "link_exhausted";

const arrivedBy = (receipt: Receipt): Arrived => ({
  name: receipt.file_name,
  bytes: receipt.size_bytes,
  at: receipt.received_at,
  reference: receipt.reference,
});

export class Sends {
  /** Chosen, and not on the way before the patient says so. */
  chosen = $state.raw<File[]>([]);
  /** Why files that were chosen just now are not among them. */
  refused = $state.raw<string[]>([]);
  /** On their way, or waiting to be. */
  running = $state.raw<Sending<Receipt>[]>([]);
  /** Begun before the page was reloaded. */
  interrupted = $state.raw<Sent[]>([]);
  arrived = $state.raw<Arrived[]>([]);
  /** Told to those who listen. */
  said = $state("");
  #left = $state.raw({ files: 0, bytes: 0 });
  #working = false;
  #isOver = false;

  readonly busy = $derived(this.running.length > 0);

  /** What may still be chosen, beyond what has been chosen already. */
  readonly room = $derived({
    files: Math.max(0, this.#left.files - this.chosen.length),
    bytes: this.chosen.reduce((left, file) => left - file.size, this.#left.bytes),
  });

  constructor(
    asked: Asked,
    /** Called when the link turns out to have ended meanwhile. */
    readonly end: (ending: Ending) => void,
  ) {
    this.#left = asked.left;
    this.interrupted = asked.uploads.filter((one) => one.state === "open");
    this.arrived = asked.uploads
      .filter((one) => one.state === "completed")
      .map((one) => ({
        uploadId: one.upload_id,
        name: one.file_name ?? texts.unnamed,
        bytes: one.size_bytes,
        at: one.received_at ?? "",
      }));
    void this.#finishWhatIsThere();
  }

  /** A file whose last byte had been sent before the page was closed needs nobody to choose it again. */
  async #finishWhatIsThere(): Promise<void> {
    for (const sent of this.interrupted) {
      const receipt = await complete(sent.upload_id).catch(() => undefined);
      if (receipt) this.#arrive(arrivedBy(receipt), sent.upload_id);
    }
  }

  /** Takes files over, except those the link has no room for. */
  choose(files: Iterable<File>): void {
    this.refused = [];
    for (const file of files) {
      const why = this.#whyNot(file);
      if (why) this.refused = [...this.refused, why];
      else this.chosen = [...this.chosen, file];
    }
  }

  #whyNot(file: File): string | undefined {
    const twice = (one: File) =>
      one.name === file.name && one.size === file.size && one.lastModified === file.lastModified;
    if (this.chosen.some(twice)) return texts.twice(file.name);
    if (!file.size) return texts.empty(file.name);
    if (!this.room.files) return texts.tooMany(file.name);
    if (file.size > this.room.bytes) return texts.tooLarge(file.name, file.size, this.room.bytes);
    return undefined;
  }

  unchoose(file: File): void {
    this.chosen = this.chosen.filter((one) => one !== file);
    this.refused = [];
  }

  /** Sends what was chosen, one after the other. */
  send(): void {
    for (const file of this.chosen) this.#left = this.#less(file.size, 1);
    this.running = [...this.running, ...this.chosen.map((file) => new Sending(file, intakeWire()))];
    this.chosen = [];
    this.refused = [];
    void this.#work();
  }

  #less(bytes: number, files: number) {
    return { files: this.#left.files - files, bytes: this.#left.bytes - bytes };
  }

  /** Goes on with an interrupted file; `false` if it was another one that was chosen. */
  resumeWith(file: File, sent: Sent): boolean {
    if (!isLike(file, sent)) return false;
    this.interrupted = this.interrupted.filter((one) => one !== sent);
    const sending = new Sending(file, intakeWire(), { uploadId: sent.upload_id });
    this.running = [...this.running, sending];
    void this.#work();
    return true;
  }

  /** Gives an interrupted file up; what it had taken of the link is free again. */
  async giveUp(sent: Sent): Promise<void> {
    try {
      await abandon(sent.upload_id);
    } catch (thrown) {
      this.said = texts.failed.other;
      await this.#heed(asProblem(thrown));
      return;
    }
    this.interrupted = this.interrupted.filter((one) => one !== sent);
    this.#left = this.#less(-sent.size_bytes, -1);
    this.said = texts.cancelled(sent.file_name ?? texts.unnamed);
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    stayAwake(true);
    for (;;) {
      const next = this.running.find((one) => one.stage === "waiting");
      if (!next || this.#isOver) break;
      await this.follow(next, () => next.start());
    }
    this.#working = false;
    stayAwake(this.busy);
  }

  /** Does something with a file on its way, and sees what comes of it. */
  async follow(sending: Sending<Receipt>, act: () => unknown): Promise<void> {
    await act();
    if (sending.receipt) {
      this.running = this.running.filter((one) => one !== sending);
      this.#arrive(arrivedBy(sending.receipt));
    } else if (sending.problem) await this.#heed(sending.problem);
    stayAwake(this.busy);
  }

  async cancel(sending: Sending<Receipt>): Promise<void> {
    this.running = this.running.filter((one) => one !== sending);
    if (sending.problem?.code !== EXHAUSTED) this.#left = this.#less(-sending.file.size, -1);
    await sending.cancel();
    this.said = texts.cancelled(sending.file.name);
    stayAwake(this.busy);
  }

  #arrive(arrived: Arrived, uploadId?: string): void {
    this.interrupted = this.interrupted.filter((one) => one.upload_id !== uploadId);
    this.arrived = [...this.arrived, arrived];
    this.said = texts.arrivedSaid(arrived.name);
  }

  /** A link that has ended meanwhile ends everything; other problems are their file's own. */
  async #heed(problem: ApiProblem): Promise<void> {
    const ending = endingOf(problem);
    if (ending === "expired" || ending === "revoked") {
      this.#isOver = true;
      this.end(ending);
    }
    if (problem.code === EXHAUSTED) await this.#count();
  }

  /** Asks again what may still be sent: something came over this link that this page does not know of. */
  async #count(): Promise<void> {
    const asked = await readRequest().catch(() => undefined);
    if (!asked) return;
    this.#left = asked.left;
    for (const one of this.running) if (one.stage === "waiting") this.#left = this.#less(one.file.size, 1);
  }

  /** Finds the reference of a file that was sent before the page was reloaded. */
  async find(arrived: Arrived): Promise<void> {
    if (!arrived.uploadId) return;
    const receipt = await complete(arrived.uploadId);
    this.arrived = this.arrived.map((one) => (one === arrived ? arrivedBy(receipt) : one));
  }
}
