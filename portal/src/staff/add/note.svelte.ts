/**
 * A note as it is being written: kept as a draft while one types, however badly the line behaves, and signed in the
 * end (R003, R017).
 */
import { idempotencyKey, must } from "../../api/client";
import { ApiProblem, asProblem } from "../../api/problem";
import type { components } from "../../api/schema";
import { add as texts } from "../../texts/add";
import { api } from "../session.svelte";
import type { OwnChart } from "./chart.svelte";
import { today, told, type Filing } from "./filing";

type Content = components["schemas"]["NoteContent"];
type RecordView = components["schemas"]["RecordView"];

export interface Part {
  key: number;
  heading: string;
  text: string;
}

/** The limits of `shared/domain/src/limits.rs`. */
export const MOST = { sections: 24, sectionChars: 20_000, chars: 60_000, titleChars: 200 };
const PAUSE_MS = 2_000;
/** Who never pauses is kept all the same. */
const MOST_UNSAVED_MS = 15_000;
const AGAIN_MS = 5_000;

/** A save that was sent; until it is answered, nothing else is. */
interface Attempt {
  key: string;
  content: Content;
  said: string;
}

export class Note {
  title = $state("");
  parts = $state<Part[]>([{ key: 0, heading: "", text: "" }]);
  filing = $state<Filing>({ day: today(), section: "progress_notes" });
  /** The draft, once there is one. */
  record = $state.raw<{ id: string; chart: string }>();
  savedAt = $state.raw<Date>();
  saving = $state(false);
  /** Why the last save did not succeed. */
  problem = $state.raw<ApiProblem>();
  /** What another window has made of the draft. */
  theirs = $state.raw<{ content: Content; revision: number }>();
  /** Whether the person wants to decide later between the two. */
  isPutOff = $state(false);

  #revision = 0;
  #savedSaid = $state("");
  #attempt: Attempt | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dirtySince = 0;
  #saves: Promise<void> | undefined;
  #nextKey = 1;

  // Getters, as a note is saved to its end also after its screen has gone.
  get content(): Content {
    const parts = this.parts.filter((part) => part.text.trim());
    return {
      title: this.title.trim() || texts.noteOf(this.filing.day),
      sections: parts.map(({ heading, text }) => ({ heading: heading.trim() || null, text })),
    };
  }

  get #said(): string {
    return JSON.stringify(this.content);
  }

  get chars(): number {
    return this.parts.reduce((sum, part) => sum + [...part.text].length, 0);
  }

  get isEmpty(): boolean {
    return !this.title.trim() && !this.content.sections.length;
  }

  /** Whether something is typed that is not kept yet. */
  get isDirty(): boolean {
    return !this.isEmpty && this.#said !== this.#savedSaid;
  }

  constructor(readonly chart: OwnChart) {}

  /** Goes on with a draft that was read. */
  takes(record: RecordView, content: Content, revision: number): void {
    this.record = { id: record.id, chart: record.chart_id };
    this.filing = filed(record);
    this.#takesContent(content, revision);
  }

  #takesContent(content: Content, revision: number): void {
    this.title = content.title;
    this.parts = content.sections.map(({ heading, text }) => ({
      ...this.#part(),
      heading: heading ?? "",
      text,
    }));
    if (!this.parts.length) this.addPart();
    this.#revision = revision;
    this.#savedSaid = this.#said;
  }

  #part(): Part {
    return { key: this.#nextKey++, heading: "", text: "" };
  }

  addPart(): void {
    this.parts.push(this.#part());
  }

  /** Somebody typed: it is saved when they pause. */
  touch(): void {
    if (!this.isDirty) return;
    this.#dirtySince ||= Date.now();
    const left = this.#dirtySince + MOST_UNSAVED_MS - Date.now();
    this.#later(Math.max(0, Math.min(PAUSE_MS, left)));
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), ms);
  }

  /** Saves what is typed, now; never rejects, `problem` and `theirs` tell what went wrong. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#saves ??= this.#saveAll().finally(() => (this.#saves = undefined));
    return this.#saves;
  }

  /** Puts an end to saving by itself. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  async #saveAll(): Promise<void> {
    this.saving = true;
    try {
      while ((this.isDirty || this.#attempt) && !this.theirs) await this.#saveOnce();
      this.#dirtySince = 0;
    } catch (thrown) {
      await this.#failed(asProblem(thrown));
    } finally {
      this.saving = false;
    }
  }

  async #saveOnce(): Promise<void> {
    // The same again, until it is answered: so that a lost answer does not look like somebody else's change.
    this.#attempt ??= { key: idempotencyKey(), content: this.content, said: this.#said };
    const attempt = this.#attempt;
    const draft = await this.#send(attempt);
    this.#attempt = undefined;
    this.#revision = draft.revision;
    this.#savedSaid = attempt.said;
    this.savedAt = new Date(draft.saved_at);
    this.problem = undefined;
  }

  async #send({ key, content }: Attempt): Promise<components["schemas"]["DraftView"]> {
    const headers = { "idempotency-key": key };
    if (this.record) {
      const path = { chart_id: this.record.chart, record_id: this.record.id };
      const body = { expected_revision: this.#revision, content };
      return must(
        api().PUT("/charts/{chart_id}/records/{record_id}/draft", { params: { path }, headers, body }),
      );
    }
    const chart = await this.chart.ensure();
    const params = { path: { chart_id: chart } };
    const body = { content, ...told(this.filing) };
    const made = await must(api().POST("/charts/{chart_id}/notes", { params, headers, body }));
    this.record = { id: made.record.id, chart };
    this.filing = filed(made.record);
    return made.draft;
  }

  async #failed(problem: ApiProblem): Promise<void> {
    if (!problem.isPassing) this.#attempt = undefined;
    if (problem.code === "stale_revision") await this.#readTheirs();
    else this.problem = problem;
    if (problem.isPassing) this.#later(AGAIN_MS);
  }

  async #readTheirs(): Promise<void> {
    try {
      const { content, draft } = await readDraft(this.record?.chart ?? "", this.record?.id ?? "");
      if (!content || !draft)
        throw new ApiProblem(409, "note_signed", "the note is signed; amend it instead");
      this.theirs = { content, revision: draft.revision };
      this.isPutOff = false;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  /** Of two texts, keeps the one that is typed here; the other is written over. */
  async keepMine(): Promise<void> {
    this.#revision = this.theirs?.revision ?? this.#revision;
    this.theirs = undefined;
    await this.save();
  }

  takeTheirs(): void {
    if (this.theirs) this.#takesContent(this.theirs.content, this.theirs.revision);
    this.theirs = undefined;
    this.problem = undefined;
  }

  /** Whether everything that is typed is kept. */
  get isKept(): boolean {
    return Boolean(this.record) && !this.isDirty && !this.theirs;
  }

  readonly #signKey = idempotencyKey();

  /** Signs what was saved last. */
  sign(): Promise<RecordView> {
    const path = { chart_id: this.record?.chart ?? "", record_id: this.record?.id ?? "" };
    const headers = { "idempotency-key": `${this.#signKey}-${this.#revision}` };
    const body = { expected_revision: this.#revision };
    return must(
      api().POST("/charts/{chart_id}/records/{record_id}/signature", { params: { path }, headers, body }),
    );
  }
}

/** How a note was filed when its draft was first saved. */
const filed = (record: RecordView): Filing => ({
  day: record.occurred_on,
  section: record.section,
  forClient: record.direction === "for_client",
});

/** A record with the text of its draft, if it is one. */
export function readDraft(chart: string, record: string) {
  const params = { path: { chart_id: chart, record_id: record } };
  return must(api().GET("/charts/{chart_id}/records/{record_id}", { params }));
}
