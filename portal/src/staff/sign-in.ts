/**
 * Signing in: OpenID Connect's authorization code flow with PKCE (RFC 6749, RFC 7636), by a certified library.
 *
 * Tokens live in the memory of this page and nowhere else: a reload asks the issuer again, which knows the browser.
 */
import * as oauth from "oauth4webapi";
import { config } from "../api/config";

const PENDING = "strongroom.sign-in";

/** What a sign-in waits for; held by the browser while the issuer's page is shown. */
interface Pending {
  verifier: string;
  state: string;
  nonce: string;
  /** Where the person wanted to be. */
  to: string;
}

export interface Tokens {
  /** Names the person to the API, with e-mail address; a user pool's access token would lack it. */
  id: string;
  refresh: string | undefined;
  /** The session at the issuer. */
  session: string;
  expiresAt: number;
}

interface Issuer {
  server: oauth.AuthorizationServer;
  client: oauth.Client;
  options: { [oauth.allowInsecureRequests]: boolean };
}

let discovering: Promise<Issuer> | undefined;

function issuer(): Promise<Issuer> {
  discovering ??= discover();
  discovering.catch(() => (discovering = undefined));
  return discovering;
}

async function discover(): Promise<Issuer> {
  const { issuer, client_id } = await config();
  const address = new URL(issuer);
  // Only a machine's own loopback address may do without TLS.
  const options = { [oauth.allowInsecureRequests]: address.hostname === "127.0.0.1" };
  const answer = await oauth.discoveryRequest(address, { algorithm: "oidc", ...options });
  return { server: await oauth.processDiscoveryResponse(address, answer), client: { client_id }, options };
}

const returnAddress = () => `${location.origin}/signed-in`;

/** Sends the browser to the issuer; it comes back to `/signed-in`. */
export async function leaveToSignIn(to: string): Promise<void> {
  const { server, client } = await issuer();
  const pending: Pending = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    to,
  };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const address = new URL(server.authorization_endpoint ?? "");
  for (const [name, value] of Object.entries({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: returnAddress(),
    scope: "openid profile email",
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: "S256",
  })) {
    address.searchParams.set(name, value);
  }
  location.assign(address);
}

/** Whether a sign-in was begun in this window and not ended. */
export const isPending = (): boolean => sessionStorage.getItem(PENDING) !== null;

/** Redeems the code that the browser came back with. */
export async function redeem(): Promise<{ tokens: Tokens; to: string }> {
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null") as Pending | null;
  sessionStorage.removeItem(PENDING);
  if (!pending) throw new Error("this sign-in was not begun in this window");
  const { server, client, options } = await issuer();
  const answer = oauth.validateAuthResponse(server, client, new URL(location.href), pending.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    answer,
    returnAddress(),
    pending.verifier,
    options,
  );
  const result = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: pending.nonce,
    requireIdToken: true,
  });
  return { tokens: tokensOf(result), to: pending.to };
}

/** Fresh tokens for those that are about to expire. */
export async function refresh(old: Tokens): Promise<Tokens> {
  if (!old.refresh) throw new Error("the sign-in cannot be renewed");
  const { server, client, options } = await issuer();
  const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), old.refresh, options);
  const result = await oauth.processRefreshTokenResponse(server, client, response);
  const fresh = tokensOf(result, old);
  // A user pool keeps the refresh token; the local issuer gives a new one.
  return { ...fresh, refresh: fresh.refresh ?? old.refresh };
}

function tokensOf(result: oauth.TokenEndpointResponse, old?: Tokens): Tokens {
  const claims = oauth.getValidatedIdTokenClaims(result);
  const session = claims?.["sid"] ?? claims?.["origin_jti"];
  return {
    id: result.id_token ?? "",
    refresh: result.refresh_token,
    session: typeof session === "string" ? session : (old?.session ?? ""),
    expiresAt: Date.now() + (result.expires_in ?? 0) * 1000,
  };
}

/** Ends the session at the issuer; the browser comes back to the front page. */
export async function leaveToSignOut(tokens: Tokens | undefined): Promise<void> {
  const { server, client } = await issuer();
  const home = `${location.origin}/`;
  if (!server.end_session_endpoint) return location.assign(home);
  const address = new URL(server.end_session_endpoint);
  address.searchParams.set("client_id", client.client_id);
  // A user pool wants `logout_uri`, everyone else the name of the standard.
  address.searchParams.set("post_logout_redirect_uri", home);
  address.searchParams.set("logout_uri", home);
  if (tokens) address.searchParams.set("id_token_hint", tokens.id);
  location.assign(address);
}
