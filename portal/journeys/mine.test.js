/** What is written for a patient, as she reads it in her own account, and her daughter, for as long as she may. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Actor } from "./actor.js";
import { visit } from "./browser.js";
import { CLINIC, GRACE, PEOPLE, registerGrace } from "./clinic.js";
import { photo } from "./files.js";
import { inEveryState, journey, setStage, signIn, stage } from "./journey.js";
import { texts } from "./texts.js";

const { add } = await texts("add");
const { consents } = await texts("consents");
const { inbox } = await texts("inbox");
const { mine } = await texts("mine");
const { records } = await texts("records");
const { sessions } = await texts("sessions");
const { shell } = await texts("shell");
const { viewers } = await texts("viewers");
const { words } = await texts("common");

/** Patients and family with accounts of their own. */
const FAMILY = {
    grace: { email: "grace@home.example", name: "Grace Okafor" },
    gail: { email: "gail@home.example", name: "Gail Okafor" },
};
const FOR_CLIENT = { direction: "for_client" };
const LETTER = { title: "After your visit", text: "Rest your wrist for a week, then move it again." };
const PHOTO = photo("wrist-exercise.jpg");
const DAY_MS = 24 * 3_600_000;
const dayFromNow = (days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

setStage(async () => {
    const { cast, product } = stage;
    stage.grace = await registerGrace(cast);
    for (const [name, person] of Object.entries(FAMILY)) {
        await cast.nora.post("/members", { ...person, roles: ["client"] });
        stage[`${name}s`] = await Actor.signedIn(product, person);
        await stage[`${name}s`].begins(cast.nora.organizationId);
    }
    await writesAllSorts();
});

/** A picture for Grace; and what is about her, confidential, unfinished or nobody else's, which she must not see. */
async function writesAllSorts() {
    const { amara } = stage.cast;
    const { chart } = stage.grace;
    stage.photo = (await amara.uploads(chart, PHOTO, { ...FOR_CLIENT, title: "Your exercise" })).id;
    const about = await amara.writes(chart, "Session note", "Anxious about the surgery.");
    const { revision } = await amara.get(`/charts/${chart}/records/${about}`);
    const mark = { expected_revision: revision, confidential: true, labels: [] };
    await amara.put(`/charts/${chart}/records/${about}/confidentiality`, mark);
    const kept = { ...FOR_CLIENT, compartment: "private" };
    const toHerself = await amara.writes(chart, "To myself", "Ask about her sleep.", kept);
    const draft = await amara.drafts(chart, "Not finished", "Dear Grace,", FOR_CLIENT);
    stage.unseen = [about, toHerself, draft.record.id];
}

const addressOf = (record) => `/app/charts/${stage.grace.chart}/records/${record}`;
const listed = (page) => page.getByRole("list", { name: mine.list }).getByRole("link");
const rooms = (page) => page.getByRole("navigation", { name: shell.navigation }).getByRole("link");

/** Lets somebody read what is written for a client. */
async function appoints(client, who, relationship, more = {}) {
    const body = { member_id: who.memberId, relationship, ...more };
    await stage.cast.amara.post(`/clients/${client}/proxies`, body);
}

journey("An account to which nothing is open says so", { kind: "phone" }, async (at) => {
    const { page, product, accessible } = at;
    await signIn(page, product, FAMILY.gail);
    await page.getByText(mine.nobody).waitFor();
    assert.deepEqual(await rooms(page).allInnerTexts(), [shell.records, shell.notices]);
    await accessible("mine-nobody-phone");
    await page.getByRole("button", { name: mine.lookAgain }).click();
    await page.getByText(mine.nobodyText(CLINIC)).waitFor();
});

journey("Dr Amara writes to Grace, and gives Grace's daughter access", {}, async (at) => {
    const { page, product, accessible } = at;
    const { client } = stage.grace;
    await signIn(page, product, PEOPLE.amara, `/app/add?client=${client}`);
    await page.getByRole("radio", { name: add.types.note.name }).check();
    await page.getByLabel(add.forClient("patient")).check();
    await accessible("add-note-for-client");
    await page.getByLabel(add.recordTitle).fill(LETTER.title);
    await page.getByLabel(add.text, { exact: true }).fill(LETTER.text);
    await page.getByText(add.fixedForClient("patient")).waitFor();
    await page.getByText(/^Saved at /).waitFor();
    await page.getByRole("button", { name: add.sign, exact: true }).click();
    await page.getByRole("button", { name: add.signNow }).click();
    await page.getByRole("heading", { name: add.noteSigned(LETTER.title) }).waitFor();
    await page.getByRole("link", { name: add.open, exact: true }).click();
    await page.getByText(records.forClient("patient"), { exact: true }).waitFor();
    stage.letter = /records\/([0-9a-f-]{36})/.exec(page.url())[1];

    await stage.cast.amara.post(`/clients/${client}/consents`, {
        purpose: "proxy_access",
        given_by: "client",
        method: "written",
        signed_on: dayFromNow(-1),
        expires_on: dayFromNow(90),
        note: "My daughter may read what is written for me.",
    });
    await appoints(client, stage.graces, "oneself");
    await page.goto(`/app/clients/${client}/sharing`);
    await page.getByRole("button", { name: consents.appoint, exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(consents.proxyEmail).fill(FAMILY.gail.email);
    await dialog.getByLabel(consents.relationship).selectOption("child");
    await dialog.getByLabel(consents.proxyConsent).selectOption({ index: 1 });
    await dialog.getByLabel(consents.expiresOn).fill(dayFromNow(30));
    await accessible("proxy-appoint");
    await dialog.getByRole("button", { name: consents.appoint }).click();
    await page.getByRole("button", { name: consents.endOf(FAMILY.gail.name) }).waitFor();
    await accessible("proxies");
});

journey(
    "Grace reads what is written for her on her phone, and nothing else",
    { kind: "phone" },
    async (at) => {
        const { page, product, watch, accessible } = at;
        await signIn(page, product, FAMILY.grace);
        await page.getByRole("heading", { level: 1, name: mine.own }).waitFor();
        await listed(page).first().waitFor();
        const titles = await listed(page).allInnerTexts();
        assert.deepEqual(titles.toSorted(), [LETTER.title, "Your exercise"]);
        assert.equal(await page.getByText(mine.sessions).count(), 0, "there is no session yet");
        await accessible("mine-phone");

        await listed(page).filter({ hasText: LETTER.title }).click();
        await page.getByRole("heading", { level: 1, name: LETTER.title }).waitFor();
        await page.getByText(LETTER.text).waitFor();
        const here = page.locator("[aria-current=page]");
        assert.deepEqual(await here.allInnerTexts(), [shell.records], "it is one of her records");
        assert.equal(
            await page.getByRole("main").getByRole("button").count(),
            0,
            "there is nothing to change",
        );
        await accessible("mine-note-phone");

        await page.getByRole("link", { name: mine.back }).click();
        await listed(page).filter({ hasText: "Your exercise" }).click();
        const picture = page.getByRole("img", { name: viewers.picture(PHOTO.name) });
        await picture.waitFor();
        await accessible("mine-file-phone");
        const [download] = await Promise.all([
            page.waitForEvent("download"),
            page.getByRole("button", { name: records.download }).click(),
        ]);
        assert.ok((await readFile(await download.path())).equals(PHOTO.buffer), "the bytes are the same");

        await page.getByRole("link", { name: shell.notices }).click();
        await page.getByText(mine.noticesNoneText).waitFor();
        await page.getByText(mine.noticesText(CLINIC)).waitFor();
        await page.getByRole("heading", { level: 1, name: inbox.tabs.notices }).waitFor();
        await accessible("mine-notices-phone");

        watch.expects(/^404: GET .*\/charts\/[^/]+\/records\//);
        for (const record of stage.unseen) {
            await page.goto(addressOf(record));
            await page.getByText(mine.gone).waitFor();
        }
        await accessible("mine-gone-phone");
        for (const path of [
            "/app/clients",
            `/app/clients/${stage.grace.client}`,
            "/app/add",
            "/app/settings",
        ]) {
            await page.goto(path);
            await page.getByRole("heading", { level: 1, name: shell.notFound }).waitFor();
        }
        await page.getByRole("link", { name: shell.toStart }).click();
        await page.getByRole("heading", { level: 1, name: mine.own }).waitFor();
    },
);

journey("Grace fills in what her session needs", { kind: "phone" }, async ({ page, product, accessible }) => {
    const { amara } = stage.cast;
    const { client, chart } = stage.grace;
    await amara.post("/facilitated-sessions", {
        scheduled_at: new Date(Date.now() + 14 * DAY_MS).toISOString(),
        participants: [{ chart_id: chart }],
    });
    await signIn(page, product, FAMILY.grace);
    await page.getByRole("heading", { name: mine.sessions }).waitFor();
    await accessible("mine-session-phone");
    const fillIn = page.getByRole("button", { name: mine.fillInOf(sessions.items.who_5) });
    await fillIn.click();
    await page.getByText(mine.fillInText).waitFor();
    await page.getByLabel(sessions.question(1), { exact: true }).fill("4");
    await accessible("mine-form-phone");
    await page.getByRole("dialog").getByRole("button", { name: words.save }).click();
    await fillIn.waitFor({ state: "detached" });
    await page.getByText(mine.formStates.complete, { exact: true }).waitFor();
    const [row] = await amara.all(`/clients/${client}/facilitated-sessions`, "sessions");
    const who5 = row.items.find((item) => item.code === "who_5");
    assert.equal(who5.completion.recorded_by, stage.graces.memberId);
});

journey("Records say what happened when they do not come", { kind: "phone" }, async (at) => {
    const { page, product } = at;
    await signIn(page, product, FAMILY.grace, "/app/inbox");
    await inEveryState(at, {
        name: "mine-phone",
        url: /^\/clients\/[^/]+\/timeline$/,
        open: () => page.getByRole("link", { name: shell.records }).click(),
        shown: listed(page),
    });
});

journey("Gail reads for her mother until Dr Amara ends it", {}, async (at) => {
    const { page, product, watch, accessible, cast } = at;
    const own = await cast.amara.registers({ full_name: FAMILY.gail.name, birth_date: "2001-07-09" });
    const ownChart = await cast.amara.opensChart(own);
    await cast.amara.writes(ownChart, "Your blood test", "Everything is as it should be.", FOR_CLIENT);
    await appoints(own, stage.gails, "oneself");

    await signIn(page, product, FAMILY.gail);
    await page.getByText(mine.severalText).waitFor();
    const cards = page.getByRole("main").getByRole("heading", { level: 2 });
    await page.getByRole("link", { name: mine.of(GRACE.full_name) }).waitFor();
    assert.deepEqual(await cards.allInnerTexts(), [mine.own, mine.of(GRACE.full_name)], "her own come first");
    await page.getByText(/^You see them as a son or daughter\. You can see them until .*20\d\d\.$/).waitFor();
    await page.getByText(/^The newest: Your blood test/).waitFor();
    await accessible("mine-several");

    await page.getByRole("link", { name: mine.of(GRACE.full_name) }).click();
    await page.getByRole("heading", { level: 1, name: mine.of(GRACE.full_name) }).waitFor();
    await listed(page).first().waitFor();
    assert.deepEqual((await listed(page).allInnerTexts()).toSorted(), [LETTER.title, "Your exercise"]);
    await accessible("mine-of-another");
    watch.expects(/^404: GET .*\/charts\/[^/]+\/records\//, /^404: GET .*\/clients\/[^/]+\/timeline/);
    for (const record of stage.unseen) {
        await page.goto(addressOf(record));
        await page.getByText(mine.gone).waitFor();
    }
    await page.goto(addressOf(stage.photo));
    await page.getByRole("img", { name: viewers.picture(PHOTO.name) }).waitFor();
    await page.goto(addressOf(stage.letter));
    await page.getByText(LETTER.text).waitFor();

    await endsAccess(product);
    await page.getByRole("link", { name: mine.back }).click();
    await page.getByText(mine.gone).waitFor();
    await accessible("mine-ended");
    await page.getByRole("link", { name: mine.toRecords }).click();
    await page.getByRole("heading", { level: 1, name: mine.own }).waitFor();
    await listed(page).filter({ hasText: "Your blood test" }).waitFor();
    assert.equal(await page.getByText(GRACE.full_name).count(), 0, "of her mother there is nothing");
    await page.goto(addressOf(stage.letter));
    await page.getByText(mine.gone).waitFor();
});

/** Dr Amara ends what Gail has, in a browser of her own. */
async function endsAccess(product) {
    const { context, page, watch } = await visit(stage.browser, product.origin);
    try {
        await signIn(page, product, PEOPLE.amara, `/app/clients/${stage.grace.client}/sharing`);
        await page.getByRole("button", { name: consents.endOf(FAMILY.gail.name) }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByText(consents.endText).waitFor();
        await dialog.getByRole("button", { name: consents.end, exact: true }).click();
        const row = page.getByRole("button", { name: consents.endOf(FAMILY.gail.name) });
        await row.waitFor({ state: "detached" });
        assert.deepEqual(watch.faults, []);
    } finally {
        await context.close();
    }
}
