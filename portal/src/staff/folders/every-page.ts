/** All items of a list that comes page by page, for lists that are short by nature. */
export async function everyPage<T>(
  fetchPage: (cursor?: string) => Promise<{ items: T[]; next?: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor);
  return all;
}
