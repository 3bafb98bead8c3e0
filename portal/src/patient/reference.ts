/** The short form of a reference, for reading out on the telephone: its end, which differs for every file. */
export function shortReference(id: string): string {
  const tail = id.replaceAll("-", "").slice(-8).toUpperCase();
  return `${tail.slice(0, 4)}-${tail.slice(4)}`;
}
