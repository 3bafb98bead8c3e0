/** A journey is a test with a product and a browser, in which nothing may go wrong unnoticed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, PICTURES, visit } from "./browser.js";
import { openClinic } from "./clinic.js";
import { startProduct } from "./product.js";

/** What the tests of a file share; there from the first test on. */
export const stage = { product: undefined, cast: undefined, browser: undefined };

/** A product and a browser for all tests of this file; `more` is prepared with them. */
export function setStage(more = () => {}) {
    before(async () => {
        stage.browser = await launch();
        stage.product = await startProduct();
        stage.cast = await openClinic(stage.product);
        await more();
    });
    after(async () => {
        await stage.browser?.close();
        await stage.product?.stop();
    });
}

/** Tells one journey in a fresh browser; `options` are those of `visit`, and `timeout`. */
export function journey(name, options, story) {
    const { timeout = 120_000, ...kind } = options;
    test(name, { timeout }, async (t) => {
        const visitor = await visit(stage.browser, stage.product.origin, kind);
        try {
            await story({ t, ...visitor, ...stage });
        } catch (error) {
            throw await explained(error, visitor, name);
        } finally {
            await visitor.context.close();
        }
        const faults = [...new Set(visitor.watch.faults)].map((fault) => `\n  - ${fault}`);
        if (faults.length)
            assert.fail(`it went to its end, and this went wrong on the way:${faults.join("")}`);
    });
}

/** The error with where it happened, what the page looked like, and what had gone wrong before. */
async function explained(error, { page, watch }, name) {
    const path = await pictureOf(page, name);
    const faults = watch.faults.map((fault) => `\n  - ${fault}`).join("");
    const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at .*journeys/.test(line));
    const told = `${error.message}\n(at ${page.url()}, picture ${path})${faults && `\nand before that:${faults}`}`;
    const explanation = new Error(told);
    explanation.stack = [`${error.name}: ${told}`, ...frames].join("\n");
    return explanation;
}

async function pictureOf(page, name) {
    const path = join(PICTURES, `failed-${name.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 60)}.png`);
    await page.screenshot({ path, fullPage: true }).catch(() => undefined);
    return path;
}

/** Signs somebody in through the pages, up to the screen they asked for. */
export async function signIn(page, product, person, to = "/app") {
    await page.goto(to);
    await fillSignIn(page, person, product.password);
    await page.waitForURL((url) => url.pathname.startsWith("/app"));
    await page.locator("main h1").first().waitFor();
}

/** The issuer's own page. */
export async function fillSignIn(page, { email }, password) {
    await page.getByLabel("Username or e-mail address").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
}

const PROBLEM = {
    status: 500,
    contentType: "application/problem+json",
    body: JSON.stringify({ status: 500, code: "internal", detail: "something went wrong" }),
};

/**
 * A screen while it loads, when loading fails, when nothing answers, and after another try. `open` goes there; `url` is
 * what it loads; `shown` what it shows in the end.
 */
export async function inEveryState({ page, watch, accessible }, { name, url, open, shown }) {
    watch.expects(/^500: GET/, /^failed: GET .*ERR_(FAILED|INTERNET_DISCONNECTED)/);
    const trouble = page.getByRole("alert").filter({ has: page.getByRole("button", { name: "Try again" }) });
    let letGo;
    const held = new Promise((resolve) => (letGo = resolve));
    const hold = async (route) => {
        await held;
        await route.fulfill(PROBLEM);
    };
    const isAsked = (address) => url.test(address.pathname);
    await page.route(isAsked, hold);
    await open();
    await page.locator("[aria-busy=true]").first().waitFor();
    await accessible(`${name}-busy`);
    letGo();
    await trouble.first().waitFor();
    await accessible(`${name}-error`);
    await page.unroute(isAsked, hold);
    const fail = (route) => route.abort("internetdisconnected");
    await page.route(isAsked, fail);
    await trouble.first().getByRole("button", { name: "Try again" }).click();
    await trouble.filter({ hasText: OFFLINE }).first().waitFor();
    await page.unroute(isAsked, fail);
    await trouble.first().getByRole("button", { name: "Try again" }).click();
    await shown.first().waitFor();
    assert.equal(await trouble.count(), 0, "the trouble is over");
}

const OFFLINE = "cannot be reached";
