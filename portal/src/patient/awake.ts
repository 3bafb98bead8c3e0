/** Keeps the screen on while files are sent: a phone that falls asleep stops sending. */

let lock: WakeLockSentinel | undefined;
let wanted = false;

async function take(): Promise<void> {
  if (!wanted || lock || document.visibilityState !== "visible") return;
  try {
    const taken = await navigator.wakeLock.request("screen");
    if (!wanted) return void taken.release();
    lock = taken;
    taken.addEventListener("release", () => (lock = undefined));
  } catch {
    // Not every browser has it, and a low battery refuses it; sending works all the same.
  }
}

// A page that was hidden has lost it.
document.addEventListener("visibilitychange", () => void take());

/** From now on the screen stays on, or may go off again. */
export function stayAwake(want: boolean): void {
  wanted = want;
  if (want) void take();
  else void lock?.release();
}
