/** How long to wait before trying again. */

const BASE_MS = 500;
const MOST_MS = 20_000;

/**
 * After the first failure about half a second, then twice as long each time, and never more than 20 seconds. A part of
 * it is chance, so that many who were cut off together do not come back together.
 */
export function backoffMs(failures: number, chance = Math.random()): number {
  const most = Math.min(MOST_MS, BASE_MS * 2 ** (failures - 1));
  return most * (0.5 + chance / 2);
}
