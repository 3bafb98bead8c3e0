/** Signing in without a browser: the authorization code flow with PKCE, as the portal does it. */
import { createHash, randomBytes } from "node:crypto";

const CLIENT_ID = "strongroom-portal";
const random = () => randomBytes(32).toString("base64url");

/** The ID token of a person, which is what the API takes. */
export async function idToken({ origin, password }, username) {
    const visit = { verifier: random(), state: random(), redirect: `${origin}/signed-in` };
    const page = await fetch(authorizeAddress(origin, visit), { redirect: "manual" });
    if (page.status !== 200) throw new Error(`the sign-in page answers ${page.status}`);
    const answer = await submit(origin, page, { username, password });
    const code = codeOf(answer, visit);
    const form = {
        grant_type: "authorization_code",
        client_id: CLIENT_ID,
        redirect_uri: visit.redirect,
        code,
        code_verifier: visit.verifier,
    };
    const redeemed = await fetch(`${origin}/identity/token`, {
        method: "POST",
        body: new URLSearchParams(form),
    });
    if (redeemed.status !== 200) throw new Error(`the code of ${username} is not redeemed`);
    return (await redeemed.json()).id_token;
}

function authorizeAddress(origin, visit) {
    const question = new URLSearchParams({
        response_type: "code",
        client_id: CLIENT_ID,
        redirect_uri: visit.redirect,
        scope: "openid profile email",
        state: visit.state,
        nonce: random(),
        code_challenge: createHash("sha256").update(visit.verifier).digest("base64url"),
        code_challenge_method: "S256",
    });
    return `${origin}/identity/authorize?${question}`;
}

async function submit(origin, page, person) {
    const html = await page.text();
    const cookies = page.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    const form = { form_token: between(html, 'name="form_token" value="'), ...person };
    return fetch(origin + between(html, 'action="'), {
        method: "POST",
        body: new URLSearchParams(form),
        headers: { cookie: cookies.join("; "), origin },
        redirect: "manual",
    });
}

function codeOf(answer, visit) {
    const location = answer.headers.get("location");
    if (answer.status !== 303 || !location) throw new Error(`the sign-in answers ${answer.status}`);
    const address = new URL(location);
    if (address.searchParams.get("state") !== visit.state) throw new Error("the state does not come back");
    return address.searchParams.get("code");
}

/** The value of an attribute that begins so. */
function between(html, before) {
    const start = html.indexOf(before);
    if (start < 0) throw new Error(`no \`${before}\` in the sign-in page`);
    const from = start + before.length;
    return html.slice(from, html.indexOf('"', from)).replaceAll("&amp;", "&");
}
