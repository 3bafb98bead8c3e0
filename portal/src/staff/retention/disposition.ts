/** How the state of a disposition looks. */
export const BADGES: Record<string, string> = {
  drafting: "warn",
  proposed: "warn",
  approved: "good",
  executing: "warn",
  certified: "good",
  rejected: "bad",
};

/** Gives somebody a file to keep. */
export function save(name: string, content: BlobPart, type: string) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has its own hold on the file once it was asked for it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The bytes of a text in Base64. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
