/** A patient with a phone and a link: a large file over a bad connection, and links that have ended. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { bulk, letter, photo } from "./files.js";
import { registerGrace } from "./clinic.js";
import { journey, setStage, stage } from "./journey.js";
import { texts } from "./texts.js";

const { patient, ended, renewal } = await texts("patient");
const { sending } = await texts("patient-sending");
const words = { ...patient, ...sending };
const PHONE = { kind: "phone" };

let grace;
/** A chart with a link of its own for each journey. */
async function linked(wishes) {
    const { cast } = stage;
    grace ??= await registerGrace(cast);
    return cast.amara.asks(grace.chart, wishes);
}

/** The shortest a link may live is a minute, which passes while the other journeys are told. */
let shortLived;
setStage(async () => {
    shortLived = await linked({ expires_at: new Date(Date.now() + 65_000).toISOString() });
});

const isPart = (url) => url.searchParams.has("partNumber");
const S3_ERROR = "<Error><Code>Injected</Code></Error>";

/** What goes wrong with the parts, in their order: each says what becomes of one request. */
class BadLine {
    #faults;
    #held;
    count = 0;
    refused = [];

    constructor(context, faults) {
        this.context = context;
        this.#faults = faults;
    }

    /** Lets everything through that is asked for from now on. */
    mend = () => (this.#faults = []);

    async over(page) {
        await page.route(isPart, async (route) => {
            const fault = this.#faults.at(this.count++);
            if (fault) this.refused.push(fault);
            switch (fault) {
                case "abort":
                    return route.abort("connectionreset");
                case "stall":
                    return undefined;
                case "hold":
                    return this.#held?.();
                case "offline":
                    await this.context.setOffline(true);
                    setTimeout(() => void this.context.setOffline(false), 3_000);
                    return route.abort("internetdisconnected");
                case 403:
                case 500:
                    return route.fulfill({ status: fault, body: S3_ERROR, contentType: "application/xml" });
                default:
                    return route.continue();
            }
        });
    }

    /** The moment the line holds the first part and gives no answer. */
    held = () => new Promise((resolve) => (this.#held = resolve));
}

/** Takes what comes over the network to be wrong on purpose, as the line is bad. */
const BAD_LINE = [
    /^failed: (PUT|GET|POST) .*(ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED)/,
    /^(403|500): PUT .*partNumber=/,
];

async function pick(page, name, files) {
    const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        page.getByRole("button", { name, exact: true }).tap(),
    ]);
    await chooser.setFiles(files);
}

const receipt = (page) =>
    page.getByText(words.allArrived).or(page.getByText(words.exhausted, { exact: true }));

journey(
    "A hundred megabytes arrive bit for bit over a line with every fault there is",
    { ...PHONE, timeout: 300_000 },
    async ({ page, context, cast, watch, accessible, t }) => {
        const file = await bulk("ct-of-the-chest.zip.bin", 100_000_000);
        t.after(file.remove);
        // After a reload the page asks first whether everything has arrived already.
        watch.expects(...BAD_LINE, /^409: POST .*\/completion$/);
        const { address, link_id } = await linked({ what: "The CT of your chest" });
        const line = new BadLine(context, [
            ...["abort", 403, undefined, 500, "stall", undefined, "offline", undefined, undefined],
            ...Array(50).fill("hold"),
        ]);
        await line.over(page);
        await page.goto(address);
        await page.getByRole("heading", { level: 1, name: "The CT of your chest" }).waitFor();
        await accessible("patient-ask");

        await pick(page, words.pick, file.path);
        await page.getByText(file.name).waitFor();
        await accessible("patient-chosen");
        const held = line.held();
        await page.getByRole("button", { name: /^Send 1 file/ }).tap();
        await page.getByRole("heading", { name: words.sendingTitle }).waitFor();
        await held;
        await accessible("patient-sending");

        // In the middle of it the phone closes the page, and the person opens it again.
        line.mend();
        await page.reload();
        await page.getByRole("heading", { name: words.interruptedTitle }).waitFor();
        await accessible("patient-interrupted");
        const there = line.count;
        await pick(page, words.againNamed(file.name), file.path);
        await receipt(page).waitFor({ timeout: 180_000 });
        await accessible("patient-receipt");
        assert.ok(
            line.count - there < 13,
            `parts that had arrived are not sent again: ${line.count - there}`,
        );
        for (const fault of ["abort", 403, 500, "stall", "offline", "hold"]) {
            assert.ok(line.refused.includes(fault), `the line did ${fault}`);
        }

        const contribution = await cast.amara.contribution((one) => one.link_id === link_id);
        assert.equal(contribution.size_bytes ?? file.size, file.size);
        const record = await cast.amara.post(
            `/charts/${contribution.chart_id}/contributions/${contribution.id}/acceptance`,
            { expected_revision: contribution.revision, title: "CT" },
        );
        const bytes = await cast.amara.downloads(grace.chart, record.id);
        assert.equal(bytes.length, file.size);
        assert.equal(createHash("sha256").update(bytes).digest("hex"), file.sha256);
    },
);

journey("A photo, a second file, and the link is full", PHONE, async ({ page, accessible }) => {
    const { address } = await linked({ limits: { files: 2, bytes: 10_000_000 } });
    await page.goto(address);
    await pick(page, words.photo, photo());
    await pick(page, words.pickMore, [letter("letter.txt"), letter("one-too-many.txt", "more\n")]);
    await page.getByText(words.tooMany("one-too-many.txt")).waitFor();
    await accessible("patient-too-many");
    await page.getByRole("button", { name: /^Send 2 files/ }).tap();
    await page.getByText(words.exhausted, { exact: true }).waitFor();
    await accessible("patient-full");
    await page.reload();
    await page.getByText(words.exhausted, { exact: true }).waitFor();
    for (const name of ["rash-left-arm.jpg", "letter.txt"]) await page.getByText(name).waitFor();
    assert.equal(await page.getByRole("button", { name: words.pick }).count(), 0, "nothing more is taken");
});

journey("An empty file is pointed out and not sent", PHONE, async ({ page, accessible }) => {
    const { address } = await linked();
    await page.goto(address);
    await pick(page, words.pick, letter("empty.txt", ""));
    await page.getByText(words.empty("empty.txt")).waitFor();
    await accessible("patient-empty-file");
    assert.equal(await page.getByRole("button", { name: /^Send / }).count(), 0);
});

journey("A file on its way can be paused, gone on with, and given up", PHONE, async (at) => {
    const { page, context, watch, accessible, t } = at;
    const file = await bulk("film.bin", 40_000_000);
    t.after(file.remove);
    watch.expects(...BAD_LINE);
    const { address } = await linked();
    const line = new BadLine(context, [undefined, ...Array(50).fill("hold")]);
    await line.over(page);
    await page.goto(address);
    await pick(page, words.pick, file.path);
    const held = line.held();
    await page.getByRole("button", { name: /^Send 1 file/ }).tap();
    await held;
    await page.getByRole("button", { name: words.pause, exact: true }).tap();
    await page.getByText(words.paused).waitFor();
    await accessible("patient-paused");
    await page.getByRole("button", { name: words.resume, exact: true }).tap();
    await page.getByRole("button", { name: words.pause, exact: true }).waitFor();
    await page.getByRole("button", { name: words.cancelNamed(file.name) }).tap();
    await page.getByText(words.cancelled(file.name)).waitFor({ state: "attached" });
    assert.equal(await page.getByRole("button", { name: /^Send / }).count(), 0);
    await page.reload();
    await page.getByRole("button", { name: words.pick, exact: true }).waitFor();
    assert.equal(await page.getByText(words.interruptedTitle).count(), 0, "nothing is left of it");
});

journey("A link that was switched off says so", PHONE, async ({ page, watch, accessible, cast }) => {
    watch.expects(/^410: /);
    const { address, link_id } = await linked();
    await cast.amara.delete(`/charts/${grace.chart}/intake-links/${link_id}`);
    await page.goto(address);
    await page.getByRole("heading", { level: 1, name: ended.revoked.title }).waitFor();
    await accessible("patient-revoked");
});

for (const [what, path] of [
    ["unknown", "/intake#AAAAAAAAAAAAAAAAAAAAAA"],
    ["damaged", "/intake#x"],
    ["without its secret", "/intake"],
]) {
    journey(`A link that is ${what} says what to do`, PHONE, async ({ page, watch, accessible }) => {
        watch.expects(/^40[0-9]: /);
        await page.goto(path);
        await page.getByRole("heading", { level: 1, name: ended.unknown.title }).waitFor();
        await accessible(`patient-${what.replaceAll(" ", "-")}`);
    });
}

journey("Without a connection the page waits, and goes on by itself", PHONE, async (at) => {
    const { page, context, watch, accessible } = at;
    watch.expects(/^failed: GET .*\/intake\/request/);
    const { address } = await linked();
    await page.route("**/intake/request", (route) => route.abort("internetdisconnected"));
    await page.goto(address);
    await page.getByRole("heading", { level: 1, name: ended.offline.title }).waitFor();
    await accessible("patient-offline");
    await page.unroute("**/intake/request");
    await context.setOffline(true);
    await context.setOffline(false);
    await page.getByRole("button", { name: words.pick, exact: true }).waitFor();
});

journey("When something is broken on our side the page says whose fault it is", PHONE, async (at) => {
    const { page, watch, accessible } = at;
    watch.expects(/^500: GET .*\/intake\/request/);
    const { address } = await linked();
    await page.route("**/intake/request", (route) =>
        route.fulfill({ status: 500, json: { code: "internal" } }),
    );
    await page.goto(address);
    await page.getByRole("heading", { level: 1, name: ended.broken.title }).waitFor();
    await accessible("patient-broken");
    await page.unroute("**/intake/request");
    await page.getByRole("button", { name: words.tryAgain }).tap();
    await page.getByRole("button", { name: words.pick, exact: true }).waitFor();
});

journey("A link that has ended says so, and a new one can be asked for", PHONE, async (at) => {
    const { page, watch, accessible, cast } = at;
    watch.expects(/^410: /);
    const { address, link_id, expires_at } = shortLived;
    await pause(Math.max(0, new Date(expires_at).getTime() - Date.now() + 500));
    await page.goto(address);
    await page.getByRole("heading", { level: 1, name: ended.expired.title }).waitFor();
    await accessible("patient-expired");
    await page.getByRole("button", { name: renewal.ask }).tap();
    await page.getByRole("heading", { level: 1, name: renewal.asked }).waitFor();
    await accessible("patient-renewal-asked");
    const links = await cast.amara.all(`/charts/${grace.chart}/intake-links`, "links");
    assert.ok(links.find((one) => one.id === link_id).renewal_requested_at, "the clinic is told");
});
