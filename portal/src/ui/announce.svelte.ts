const SHOWN_MS = 6_000;

/** What was said last. */
export const said = $state({ text: "" });

let clearing: ReturnType<typeof setTimeout> | undefined;

/** Tells everybody, those who listen included, what has just been done. */
export function announce(text: string): void {
  said.text = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => (said.text = ""), SHOWN_MS);
}
