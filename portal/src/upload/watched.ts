/** A request that is given up when nothing moves any more, so that it can be sent again. */
import { whenBack } from "./surroundings";
import type { Transport } from "./transport";

const STALL_MS = 20_000;
/** After the screen was locked, a request that did not move for this long is no longer waited for. */
const ASLEEP_MS = 4_000;

export function watched(transport: Transport): Transport {
  return async (request, body, signal, moved) => {
    const own = new AbortController();
    const abort = () => own.abort(signal.reason);
    const stall = () => own.abort(new TypeError("nothing moves"));
    let last = Date.now();
    let timer = setTimeout(stall, STALL_MS);
    const forget = whenBack(() => {
      if (Date.now() - last >= ASLEEP_MS) stall();
    });
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    try {
      return await transport(request, body, own.signal, (bytes) => {
        last = Date.now();
        clearTimeout(timer);
        timer = setTimeout(stall, STALL_MS);
        moved(bytes);
      });
    } finally {
      clearTimeout(timer);
      forget();
      signal.removeEventListener("abort", abort);
    }
  };
}
