/** How a presigned request is sent, with news of its progress. */
import type { PresignedRequest } from "./wire";

/**
 * Sends the bytes and gives the status of the answer; rejects where nothing answered, and with the signal's reason when
 * it is aborted. `moved` is told how many bytes of the body have gone out so far.
 */
export type Transport = (
  request: PresignedRequest,
  body: Blob,
  signal: AbortSignal,
  moved: (bytes: number) => void,
) => Promise<number>;

/** These the browser sets itself, to the very values that are signed. */
const BROWSERS_OWN = new Set(["content-length", "host"]);

/** `fetch` says nothing of the progress of an upload; this does. */
export const byXhr: Transport = (request, body, signal, moved) =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(request.method, request.url);
    for (const [name, value] of Object.entries(request.headers)) {
      if (!BROWSERS_OWN.has(name)) xhr.setRequestHeader(name, value);
    }
    const abort = () => xhr.abort();
    signal.addEventListener("abort", abort, { once: true });
    xhr.upload.onprogress = (event) => moved(event.loaded);
    xhr.onload = () => resolve(xhr.status);
    xhr.onerror = () => reject(new TypeError("nothing answered"));
    xhr.onabort = () => reject(signal.reason);
    xhr.onloadend = () => signal.removeEventListener("abort", abort);
    xhr.send(body);
  });
