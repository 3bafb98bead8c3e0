/** A real browser, and everything in it that must not go wrong unnoticed. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { GRACE, PEOPLE } from "./clinic.js";

/** Where pictures of every screen go, for people to look at. */
export const PICTURES = process.env.STRONGROOM_PICTURES ?? resolve(import.meta.dirname, "../pictures");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
const SIZES = {
    desktop: { viewport: { width: 1280, height: 800 } },
    phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
};
const SHOWN_MS = 15_000;
/** Reading the same again and again is a loop, and each time is evidence that somebody must read. */
const MOST_READS = 30;

/** Chromium as it is installed; `CHROMIUM` names another. */
function installed() {
    const usual = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    const known = [...usual.map((name) => `/usr/bin/${name}`), chromium.executablePath()];
    const found = (process.env.CHROMIUM ? [process.env.CHROMIUM] : known).find((path) => existsSync(path));
    if (found) return found;
    console.error("there is no Chromium: `apt-get install chromium` or `npx playwright install chromium`");
    process.exit(1);
}

export const launch = () => chromium.launch({ executablePath: installed(), args: FLAGS });

/** Collects what goes wrong in a page, unless the journey has said that it will. */
export class Watch {
    faults = [];
    #expected = [];
    #reads = new Map();

    /** What looks like this goes wrong on purpose from now on. */
    expects(...patterns) {
        this.#expected.push(...patterns);
    }

    note(fault) {
        if (!this.#expected.some((pattern) => pattern.test(fault))) this.faults.push(fault);
    }

    async over(context, origin) {
        await context.exposeBinding("cspViolated", (_, violation) => this.note(`CSP: ${violation}`));
        await context.addInitScript(() => {
            document.addEventListener("securitypolicyviolation", (event) => {
                const { violatedDirective, blockedURI, sourceFile, lineNumber, sample } = event;
                const where = `${sourceFile}:${lineNumber}`;
                window.cspViolated(`${violatedDirective} ${blockedURI} at ${where} ${sample}`);
            });
        });
        context.on("page", (page) => this.#overPage(page, origin));
    }

    #countReads(request) {
        if (request.method() !== "GET" || request.resourceType() !== "fetch") return;
        const address = request.url();
        const count = (this.#reads.get(address) ?? 0) + 1;
        this.#reads.set(address, count);
        if (count === MOST_READS) this.note(`read ${count} times: ${address}`);
    }

    #overPage(page, origin) {
        page.on("pageerror", (error) => this.note(`uncaught: ${error.stack ?? error.message}`));
        page.on("console", (message) => {
            const text = message.text();
            if (/content security policy|trusted ?types?/i.test(text)) this.note(`CSP: ${text}`);
        });
        page.on("requestfailed", (request) => {
            const why = request.failure()?.errorText ?? "";
            // A page that is left gives up what it had asked for.
            if (why === "net::ERR_ABORTED" || !request.url().startsWith(origin)) return;
            this.note(`failed: ${request.method()} ${request.url()} ${why}`);
        });
        page.on("response", (response) => {
            if (response.status() < 400 || !response.url().startsWith(origin)) return;
            this.note(`${response.status()}: ${response.request().method()} ${response.url()}`);
        });
        page.on("request", (request) => {
            this.#countReads(request);
            const { protocol } = new URL(request.url());
            if (["blob:", "data:"].includes(protocol) || request.url().startsWith(origin)) return;
            this.note(`elsewhere: ${request.method()} ${request.url()}`);
        });
    }
}

/** A fresh browser of a desktop or a phone, watched. */
export async function visit(browser, origin, { kind = "desktop", ...more } = {}) {
    const context = await browser.newContext({
        baseURL: origin,
        locale: "en-US",
        timezoneId: "UTC",
        reducedMotion: "reduce",
        acceptDownloads: true,
        ...SIZES[kind],
        ...more,
    });
    context.setDefaultTimeout(SHOWN_MS);
    const watch = new Watch();
    await watch.over(context, origin);
    const page = await context.newPage();
    return { context, page, watch, accessible: (name, on = page) => accessible(on, name, watch) };
}

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** Of what is only good practice, what a screen reader finds its way by. */
const GOOD_PRACTICE = /^(empty-heading|heading-order|page-has-heading-one|landmark-.*|region|skip-link)$/;

/** Titles stay in histories and show on shared screens. */
const NAMES = [GRACE, ...Object.values(PEOPLE)].map((person) => person.full_name ?? person.name);

/** What is wrong with what the browser's tab says. */
function untitled(title) {
    const told = NAMES.filter((name) => title.includes(name));
    if (told.length) return `its title names ${told.join(", ")}`;
    return ["", "Strongroom"].includes(title) ? "it has no title of its own" : undefined;
}

/** Looks at the page in light and in dark: pictures for people, faults for the test. */
async function accessible(page, name, watch) {
    await mkdir(PICTURES, { recursive: true });
    await page.evaluate(`if (!window.axe) { ${AXE} }`);
    // What has been scrolled under the head of the page is not covered for good.
    await page.evaluate(() => scrollTo(0, 0));
    const found = new Map();
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`), fullPage: true });
        for (const violation of await violations(page)) {
            found.set(violation, [...(found.get(violation) ?? []), colorScheme]);
        }
    }
    for (const [violation, schemes] of found) watch.note(`${name} (${schemes.join(", ")}): ${violation}`);
    await page.emulateMedia({ colorScheme: "light" });
    const fault = untitled(await page.title());
    if (fault) watch.note(`${name}: ${fault}`);
    // Nothing may be cut off or scroll sideways.
    const [needed, width] = await page.evaluate(() => {
        return [document.documentElement.scrollWidth, document.documentElement.clientWidth];
    });
    if (needed > width + 1) watch.note(`${name}: needs ${needed} px of ${width}`);
}

async function violations(page) {
    const options = { runOnly: [...STANDARDS, "best-practice"], resultTypes: ["violations"] };
    const result = await page.evaluate((asked) => window.axe.run(document, asked), options);
    return result.violations
        .filter(({ id, tags }) => GOOD_PRACTICE.test(id) || tags.some((tag) => STANDARDS.includes(tag)))
        .flatMap(({ id, nodes }) =>
            nodes.map((node) => {
                const why = node.failureSummary
                    .replace(/\s+/g, " ")
                    .replace(/^Fix (any|all) of the following: /, "");
                return `${id} at ${node.target.flat().join(" ")}: ${why}`;
            }),
        );
}
