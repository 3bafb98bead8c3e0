/** Whether a file that was chosen is the one whose sending was interrupted (R005). */
import type { Sent } from "./wire";

/** A name without what is changed when it is made safe to keep. */
const core = (name: string) => name.normalize("NFC").replace(/[^\p{L}\p{N}.]/gu, "");

/** The same size and, as far as it is still known, the same name. */
export function isLike(file: File, sent: Sent): boolean {
  if (file.size !== sent.size_bytes) return false;
  if (!sent.file_name) return true;
  const [one, other] = [core(file.name), core(sent.file_name)];
  // A very long name was cut before its ending.
  return one === other || (other.length > 100 && one.startsWith(other.slice(0, 90)));
}
