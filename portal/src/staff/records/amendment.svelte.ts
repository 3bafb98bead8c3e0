/** What is written as the next version of a signed note, and whether it can be signed. */
import type { Note } from "./record";

/** The limits of `shared/domain/src/limits.rs`. */
export const MOST = { sections: 24, sectionChars: 20_000, titleChars: 200, reasonChars: 2_000 };

interface Section {
  key: number;
  heading: string;
  text: string;
}

export class Amendment {
  title = $state("");
  sections = $state<Section[]>([]);
  reason = $state("");
  #nextKey = 0;
  #before = "";

  constructor(signed: Note) {
    this.title = signed.title;
    this.sections = signed.sections.map(({ heading, text }) => this.#section(heading ?? "", text));
    this.#before = JSON.stringify(this.content);
  }

  /** As it is signed: a heading that is left empty is none, and a section of nothing is none. */
  get content(): Note {
    const sections = this.sections
      .filter(({ heading, text }) => heading.trim() || text.trim())
      .map(({ heading, text }) => ({ ...(heading.trim() && { heading: heading.trim() }), text }));
    return { title: this.title.trim(), sections };
  }

  get isChanged(): boolean {
    return this.reason.trim() !== "" || JSON.stringify(this.content) !== this.#before;
  }

  /** Sections that have a heading and say nothing, or all of them where none says anything. */
  isMissing({ key, heading, text }: Section): boolean {
    if (text.trim()) return false;
    return heading.trim() !== "" || (this.sections[0]?.key === key && this.content.sections.length === 0);
  }

  get isComplete(): boolean {
    const isSaid = this.content.sections.length > 0 && !this.sections.some((one) => this.isMissing(one));
    return isSaid && this.title.trim() !== "" && this.reason.trim() !== "";
  }

  add(): void {
    this.sections.push(this.#section("", ""));
  }

  remove(key: number): void {
    this.sections = this.sections.filter((one) => one.key !== key);
  }

  #section(heading: string, text: string): Section {
    this.#nextKey += 1;
    return { key: this.#nextKey, heading, text };
  }
}
