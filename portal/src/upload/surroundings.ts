/** What happens around the page: the network going and coming, the screen locked and unlocked. */

export const isOffline = (): boolean => globalThis.navigator?.onLine === false;

/** Acts when there is a reason to look again at once; gives the way to stop that. */
export function whenBack(act: () => void): () => void {
  const { window: page, document: shown } = globalThis as Partial<typeof globalThis>;
  const seen = () => shown?.visibilityState === "visible" && act();
  page?.addEventListener("online", act);
  shown?.addEventListener("visibilitychange", seen);
  return () => {
    page?.removeEventListener("online", act);
    shown?.removeEventListener("visibilitychange", seen);
  };
}

/** Waits, but no longer than until the network is back or the page is looked at again. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (then: () => void) => () => {
      clearTimeout(timer);
      forget();
      signal.removeEventListener("abort", stop);
      then();
    };
    const go = end(resolve);
    const stop = end(() => reject(signal.reason));
    const timer = setTimeout(go, ms);
    const forget = whenBack(go);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
}

/** What comes of the work, unless the signal is aborted before, or it takes too long. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, mostMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    // A connection that died without a word looks like one that takes its time.
    const timer = setTimeout(() => reject(new TypeError("no answer in time")), mostMs);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
    void work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    });
  });
}
