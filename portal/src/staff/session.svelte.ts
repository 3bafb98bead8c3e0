/** Who is signed in, and in which context they act. */
import type { Middleware } from "openapi-fetch";
import { apiAt, must, type Api } from "../api/client";
import { config } from "../api/config";
import { asProblem, type ApiProblem } from "../api/problem";
import type { components } from "../api/schema";
import { isPending, leaveToSignIn, leaveToSignOut, redeem, refresh, type Tokens } from "./sign-in";
import { go } from "./router.svelte";

export type Context = components["schemas"]["Context"];
export type Role = components["schemas"]["Role"];

type Stage = "starting" | "signed-out" | "no-membership" | "choosing" | "in" | "broken";

/** Sessions whose beginning has been told to the API, so that a reload is not another sign-in. */
const BEGUN = "strongroom.begun";
const CHOSEN = "strongroom.context";
const WHY_OUT = "strongroom.signed-out-because";
/** How long before its end a token is renewed. */
const RENEW_MS = 60_000;

export const session = $state({
  stage: "starting" as Stage,
  /** Why it is `broken`. */
  problem: undefined as ApiProblem | undefined,
  name: "",
  email: "",
  contexts: [] as Context[],
  context: undefined as Context | undefined,
  /** Whether the last sign-out was for idleness. */
  idledOut: false,
});

let tokens: Tokens | undefined;
let renewing: Promise<Tokens> | undefined;
let client: Api | undefined;

/** The API, as the member who is signed in. */
export function api(): Api {
  if (!client) throw new Error("the API is used before the session has started");
  return client;
}

/** The context that is acted in; there is one wherever a screen is shown. */
export function context(): Context {
  if (!session.context) throw new Error("a screen is shown before a context is chosen");
  return session.context;
}

/** Whether the member has one of these roles; what they may really do, the API decides. */
export function isAny(...roles: Role[]): boolean {
  return roles.some((role) => session.context?.roles.includes(role));
}

async function freshToken(): Promise<string | undefined> {
  if (tokens && tokens.expiresAt - Date.now() < RENEW_MS) {
    renewing ??= refresh(tokens).finally(() => (renewing = undefined));
    try {
      tokens = await renewing;
    } catch {
      // The call is made all the same, and answered with a 401 that says so.
    }
  }
  return tokens?.id;
}

const asMember: Middleware = {
  async onRequest({ request }) {
    const token = await freshToken();
    if (token) request.headers.set("authorization", `Bearer ${token}`);
    if (session.context) request.headers.set("strongroom-organization", session.context.organization_id);
  },
};

/** Starts with the page: comes back from the issuer, or goes to it where the browser was signed in before. */
export async function start(): Promise<void> {
  session.stage = "starting";
  session.problem = undefined;
  try {
    client = apiAt((await config()).api, asMember);
    if (location.pathname === "/signed-in" && isPending()) {
      const signedIn = await redeem();
      tokens = signedIn.tokens;
      // The code has been spent: nothing in the address is worth a reload or a place in the history.
      go(signedIn.to, "replace");
      await begin();
      return;
    }
    session.idledOut = sessionStorage.getItem(WHY_OUT) === "idle";
    sessionStorage.removeItem(WHY_OUT);
    if (location.pathname === "/") session.stage = "signed-out";
    else await signIn();
  } catch (thrown) {
    session.problem = asProblem(thrown);
    session.stage = "broken";
  }
}

export async function signIn(to = location.pathname + location.search + location.hash): Promise<void> {
  await leaveToSignIn(to === "/" || to.startsWith("/signed-in") ? "/app" : to);
}

async function begin(): Promise<void> {
  const key = tokens?.session ?? "";
  if (sessionStorage.getItem(BEGUN) !== key) {
    try {
      await must(api().POST("/sessions"));
      sessionStorage.setItem(BEGUN, key);
    } catch (thrown) {
      // Somebody who is invited nowhere may found an organization.
      if (asProblem(thrown).code !== "no_membership") throw thrown;
    }
  }
  await readContexts();
}

/** Reads who the person is, and takes the context they chose before, or their only one. */
export async function readContexts(): Promise<void> {
  const me = await must(api().GET("/me"));
  session.name = me.name ?? me.email ?? "";
  session.email = me.email ?? "";
  session.contexts = me.contexts.filter((one) => one.status === "active");
  const chosen = sessionStorage.getItem(CHOSEN);
  const found = session.contexts.find((one) => one.organization_id === chosen) ?? onlyOne(session.contexts);
  if (found) choose(found);
  else session.stage = session.contexts.length ? "choosing" : "no-membership";
}

function onlyOne(contexts: Context[]): Context | undefined {
  return contexts.length === 1 ? contexts[0] : undefined;
}

export function choose(context: Context): void {
  sessionStorage.setItem(CHOSEN, context.organization_id);
  session.context = context;
  session.stage = "in";
}

/** Shows the contexts again, for a person who has several. */
export function chooseAnother(): void {
  sessionStorage.removeItem(CHOSEN);
  session.context = undefined;
  session.stage = "choosing";
}

/** What must be kept before the member is signed out: drafts. Where something cannot be, they may think better of it. */
interface Keeper {
  keep: () => Promise<void>;
  mayGo: () => boolean;
}
const keepers = new Set<Keeper>();

/** Lets a screen keep its draft before a sign-out; gives the way to stop that. */
export function beforeSignOut(keep: Keeper["keep"], mayGo: Keeper["mayGo"] = () => true): () => void {
  const keeper = { keep, mayGo };
  keepers.add(keeper);
  return () => keepers.delete(keeper);
}

/** Signs out, here and at the issuer, after every draft has been kept as well as it can be. */
export async function signOut(why: "asked" | "idle" = "asked"): Promise<void> {
  if (why === "asked" && ![...keepers].every(({ mayGo }) => mayGo())) return;
  await Promise.allSettled([...keepers].map(({ keep }) => keep()));
  await api()
    .DELETE("/sessions/current")
    .catch(() => undefined);
  for (const name of [BEGUN, CHOSEN]) sessionStorage.removeItem(name);
  if (why === "idle") sessionStorage.setItem(WHY_OUT, "idle");
  const ending = tokens;
  tokens = undefined;
  await leaveToSignOut(ending);
}
