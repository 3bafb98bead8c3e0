/**
 * Uploads that were begun in this window, so that one that a reload has cut off goes on when the same file is chosen
 * again. A file is known by a digest of its name and size, and its parts are compared by their own: nothing about
 * anybody is kept in the browser.
 */
const KEPT = "strongroom.uploads";
const HOURS_MS = 48 * 3_600_000;

interface Begun {
  upload: string;
  chart: string;
  at: number;
}

function all(): Record<string, Begun> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<string, Begun>;
  } catch {
    return {};
  }
}

function keep(begun: Record<string, Begun>): void {
  sessionStorage.setItem(KEPT, JSON.stringify(begun));
}

async function nameOf(file: File, chart: string): Promise<string> {
  const facts = new TextEncoder().encode(JSON.stringify([chart, file.name, file.size]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", facts));
  return btoa(String.fromCharCode(...digest));
}

export async function remember(file: File, chart: string, upload: string): Promise<void> {
  keep({ ...all(), [await nameOf(file, chart)]: { upload, chart, at: Date.now() } });
}

export async function forget(file: File, chart: string): Promise<void> {
  const begun = all();
  delete begun[await nameOf(file, chart)];
  keep(begun);
}

/** The upload of this file into this chart that was begun before and not finished. */
export async function begunBefore(file: File, chart: string): Promise<string | undefined> {
  const begun = all()[await nameOf(file, chart)];
  return begun && Date.now() - begun.at < HOURS_MS ? begun.upload : undefined;
}
