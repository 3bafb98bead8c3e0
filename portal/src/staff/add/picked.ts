/** Files that were chosen and are not on their way yet. */
import { add as texts } from "../../texts/add";

export interface PickedFile {
  key: number;
  file: File;
  title: string;
}

const same = (one: File, other: File) =>
  one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

let nextKey = 0;

/** Those of the files that are new and hold something, and why the others are left out. */
export function pick(files: File[], already: File[]): { picked: PickedFile[]; refused: string[] } {
  const picked: PickedFile[] = [];
  const refused: string[] = [];
  for (const file of files) {
    if (!file.size) refused.push(texts.empty(file.name));
    else if ([...already, ...picked.map((one) => one.file)].some((one) => same(one, file)))
      refused.push(texts.twice(file.name));
    else picked.push({ key: nextKey++, file, title: titleOf(file.name) });
  }
  return { picked, refused };
}

/** `Knee left.dcm` is about `Knee left`. */
export function titleOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return (dot > 0 && name.length - dot <= 6 ? name.slice(0, dot) : name).slice(0, 200);
}
