/** The calls of the patient's page: the link's token is all they are asked with, and all that is needed. */
import { config } from "../api/config";
import { problemOf } from "../api/problem";
import type { components, paths } from "../api/schema";
import type { Progress, SignedPart, Started, Wire } from "../upload/wire";

export type Receipt = components["schemas"]["Receipt"];
export type Sent = components["schemas"]["Sent"];
export type Asked = paths["/intake/request"]["get"]["responses"][200]["content"]["application/json"];

/** The token stands behind `#`, where no server sees it, and stays there so that a reload works. */
const token = (): string => location.hash.slice(1);
/** What a token is made of; anything else could not even be sent as a header. */
const TOKEN = /^[\w-]+$/;

/** Makes a call; throws an `ApiProblem`, or what `fetch` throws where nothing answers. */
async function call<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
  const headers = new Headers({ accept: "application/json", "strongroom-intake-token": token() });
  if (body) headers.set("content-type", "application/json");
  if (key) headers.set("idempotency-key", key);
  const { api } = await config();
  const answer = await fetch(api + path, {
    method,
    headers,
    body: body ? JSON.stringify(body) : null,
    cache: "no-store",
    credentials: "omit",
  });
  // An answer without a body, or one that is not the API's, has no JSON.
  const told: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw problemOf(answer.status, told);
  return told as T;
}

const newKey = () => crypto.randomUUID();
const at = (uploadId: string, rest = "") => `/intake/uploads/${encodeURIComponent(uploadId)}${rest}`;

/** Who asks for what, and what has been sent. Where there is no token, there is nothing to find. */
export async function readRequest(): Promise<Asked> {
  if (!TOKEN.test(token())) throw problemOf(404, undefined);
  return call("GET", "/intake/request");
}

const renewalKey = newKey();

/** Tells the person who sent the link that another is needed; twice is once. */
export const askForNewLink = (): Promise<void> => call("POST", "/intake/renewal", {}, renewalKey);

/** Completes an upload, or gives the receipt of one that is complete. */
export const complete = (uploadId: string): Promise<Receipt> =>
  call("POST", at(uploadId, "/completion"), undefined, newKey());

export const abandon = (uploadId: string): Promise<void> => call("DELETE", at(uploadId), undefined, newKey());

/** The calls of one file's upload; starting it again after a lost answer starts nothing twice. */
export function intakeWire(): Wire<Receipt> {
  let startKey = newKey();
  return {
    async start(facts) {
      const started = await call<Started>("POST", "/intake/uploads", facts, startKey);
      // Whoever starts again after an answer means another upload.
      startKey = newKey();
      return started;
    },
    read: (uploadId) => call<Progress>("GET", at(uploadId)),
    sign: async (uploadId, parts) =>
      (await call<{ parts: SignedPart[] }>("POST", at(uploadId, "/parts"), { parts })).parts,
    complete,
    abandon,
  };
}
