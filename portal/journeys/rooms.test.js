/** The rooms beside the charts: folders, the inbox, settings, the audit trail; in each of their states. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { PEOPLE, registerGrace } from "./clinic.js";
import { sha256, until } from "./actor.js";
import { letter, malware, pdf, photo, radiograph, sound, video } from "./files.js";
import { inEveryState, journey, setStage, signIn, stage } from "./journey.js";
import { texts } from "./texts.js";

const { folders } = await texts("folders");
const { inbox } = await texts("inbox");
const { settings } = await texts("settings");
const { reach, roles, supposing } = await texts("permissions");
const { audit } = await texts("audit");
const { words } = await texts("common");

setStage();

const grace = () => (stage.grace ??= registerGrace(stage.cast));

/** Sends files over a link, as a patient's page does; gives the link. */
async function sends(...files) {
    const { cast, product } = stage;
    const link = await cast.amara.asks((await grace()).chart, { limits: { files: 10, bytes: 1e9 } });
    const headers = {
        "strongroom-intake-token": link.address.split("#")[1],
        "content-type": "application/json",
    };
    const ask = async (path, body) => {
        const init = { method: "POST", headers, body: JSON.stringify(body ?? {}) };
        const answer = await fetch(product.origin + path, init);
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return answer.json();
    };
    for (const { name, mimeType, buffer } of files) {
        const started = await ask("/intake/uploads", {
            file_name: name,
            size_bytes: buffer.length,
            media_type: mimeType,
            sha256: sha256(buffer),
        });
        const signed = Object.entries(started.put.headers).filter(([header]) => header !== "content-length");
        const { method, url } = started.put;
        const put = await fetch(url, { method, headers: Object.fromEntries(signed), body: buffer });
        if (!put.ok) throw new Error(`object storage answers ${put.status}`);
        await ask(`/intake/uploads/${started.upload_id}/completion`);
    }
    await until(async () => {
        const all = await cast.amara.all("/contributions", "contributions");
        return all.every((one) => one.state !== "inspecting");
    }, "the files to be inspected");
    return link;
}

// ---- Folders

journey("Sam makes the places of a records room, from nothing", {}, async (at) => {
    const { page, product, cast, accessible, watch } = at;
    await signIn(page, product, PEOPLE.sam, "/app/folders");
    await page.getByText(folders.noPlacesTitle).waitFor();
    await accessible("folders-empty");
    await page.getByRole("button", { name: folders.addSite }).click();
    const name = page.getByLabel(folders.placeName);
    const add = page
        .getByRole("group", { name: folders.addPlace })
        .getByRole("button", { name: folders.addPlace });
    await add.click();
    await page.getByText(folders.nameMissing).waitFor();
    await accessible("folders-add-place");
    await name.fill("Main building");
    // The place is made, and the answer is lost on the way back.
    watch.expects(/^failed: POST .*\/locations /);
    await page.route("**/locations", async (route) => {
        await route.fetch();
        await route.abort("connectionreset");
    });
    await add.click();
    await page.getByRole("alert").filter({ hasText: "cannot be reached" }).waitFor();
    await page.unroute("**/locations");
    await add.click();
    await name.waitFor({ state: "detached" });
    const made = await cast.sam.all("/locations", "locations");
    assert.deepEqual(
        made.map((one) => one.name),
        ["Main building"],
        "another try is the same intention",
    );
    for (const [inside, kind, place] of [
        ["Main building", "room", "Records room"],
        ["Records room", "shelf", "Shelf 2"],
    ]) {
        await page.getByRole("button", { name: folders.addPlace + folders.inPlace(inside) }).click();
        await page.getByLabel(folders.kind, { exact: true }).selectOption(kind);
        await name.fill(place);
        await name.press("Enter");
        await page.getByText(place, { exact: true }).first().waitFor();
    }
    await accessible("folders-places");
});

journey("Sam scans a folder, hands it out, takes it back, sends it on, and misses it", {}, async (at) => {
    const { page, product, cast, accessible, watch } = at;
    const { chart } = await grace();
    const places = await cast.sam.all("/locations", "locations");
    const location_id = places.find((one) => one.name === "Shelf 2")?.id ?? places[0]?.id;
    const title = "Paper chart, 1998 to 2012";
    await cast.amara.post(`/charts/${chart}/folders`, { title, location_id, barcode: "NC-0001" });
    await signIn(page, product, PEOPLE.sam, "/app/folders");
    const scan = async (barcode) => {
        await page.getByLabel(folders.barcode).fill(barcode);
        await page.getByLabel(folders.barcode).press("Enter");
    };
    watch.expects(/^404: GET .*\/barcodes\//);
    await scan("not a barcode");
    await page.getByText(folders.barcodeWrong).waitFor();
    await scan("NC-9999");
    await page.getByText(folders.notFound("NC-9999")).waitFor();
    await accessible("folders-not-found");
    await scan("NC-0001");
    await page.getByText(folders.states.on_shelf, { exact: true }).waitFor();
    await accessible("folders-on-shelf");
    await page.getByRole("button", { name: folders.checkOut }).click();
    await page.getByText(folders.whoMissing).waitFor();
    await page.getByLabel(folders.checkOutTo).selectOption({ label: PEOPLE.amara.name });
    await page.getByRole("button", { name: folders.checkOut }).click();
    await page.getByText(folders.states.checked_out, { exact: true }).waitFor();
    await accessible("folders-checked-out");
    await page.getByRole("button", { name: folders.checkIn }).click();
    await page.getByText(folders.states.on_shelf, { exact: true }).waitFor();
    await page.getByRole("button", { name: folders.send }).click();
    await page.getByRole("combobox", { name: folders.sendTo }).click();
    await accessible("folders-send");
    await page.getByRole("combobox", { name: folders.sendTo }).fill("Records");
    await page
        .getByRole("option", { name: /Records room/ })
        .first()
        .click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: folders.sendIt }).click();
    await page.getByText(folders.states.in_transit, { exact: true }).waitFor();
    await accessible("folders-in-transit");
    await page.getByRole("button", { name: folders.reportMissing }).click();
    await accessible("folders-report-missing");
    await page.getByRole("dialog").getByRole("button", { name: folders.reportMissing }).click();
    await page.getByText(folders.states.missing, { exact: true }).waitFor();
    await page.getByText(folders.custody).click();
    await page.getByText(folders.custodyActs.reported_missing()).first().waitFor();
    await page.getByText(`Handed to ${PEOPLE.amara.name}`, { exact: false }).first().waitFor();
    await accessible("folders-missing");
});

journey("The places say when they cannot be loaded", {}, async (at) => {
    const { page, product } = at;
    await signIn(page, product, PEOPLE.sam);
    await inEveryState(at, {
        name: "folders",
        url: /^\/locations$/,
        open: () => page.getByRole("link", { name: folders.title, exact: true }).click(),
        shown: page.getByText("Main building"),
    });
});

journey("The records room fits a phone", { kind: "phone" }, async ({ page, product, accessible }) => {
    await signIn(page, product, PEOPLE.sam, "/app/folders");
    await page.getByText("Main building").first().waitFor();
    await page.getByLabel(folders.barcode).fill("NC-0001");
    await page.getByLabel(folders.barcode).press("Enter");
    await page
        .getByRole("heading", { name: /Folder|Paper chart/ })
        .nth(1)
        .waitFor();
    await accessible("folders-phone");
});

// ---- Inbox

journey("An empty inbox says what comes here, and how", {}, async (at) => {
    const { page, product, accessible } = at;
    await signIn(page, product, PEOPLE.amara, "/app/inbox");
    await page.getByText(inbox.emptyTitle).waitFor();
    await accessible("inbox-empty");
});

journey("Dr Amara looks at what was sent, files it, and declines the rest", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const { chart } = await grace();
    await sends(photo(), sound(), video(), pdf(), letter(), radiograph(), malware());
    await signIn(page, product, PEOPLE.amara, "/app/inbox");
    const list = page.getByRole("list", { name: inbox.list });
    await list.getByRole("button").first().waitFor();
    assert.equal(await list.getByRole("button").count(), 7);
    await accessible("inbox-list");
    const file = (title) => list.getByRole("button", { name: title }).first();

    await file(/rash/).click();
    const picture = page.getByRole("img", { name: inbox.pictureOf("rash-left-arm.jpg") });
    await until(() => picture.evaluate((img) => img.naturalWidth > 0), "the photo to be shown", 15_000);
    await accessible("inbox-photo");
    await page.getByLabel(inbox.titleLabel).fill("Rash on the left arm");
    await page.getByLabel(inbox.section).selectOption("imaging");
    await page.getByRole("button", { name: inbox.accept }).click();
    await page.getByText(inbox.accepted("Rash on the left arm")).first().waitFor();
    const records = await cast.amara.all(`/charts/${chart}/records`, "records");
    assert.ok(records.some((one) => one.title === "Rash on the left arm" && one.from_client));

    await file(/dictation/).click();
    await page.getByRole("button", { name: /^Load it/ }).click();
    await until(
        () => page.locator("audio").evaluate((audio) => audio.readyState > 0 && audio.duration > 1),
        "the sound to be ready",
        15_000,
    );
    await file(/gait/).click();
    await page.getByRole("button", { name: /^Load it/ }).click();
    await page.locator("video").waitFor();
    await accessible("inbox-video");

    await file(/discharge/).click();
    await page.getByRole("button", { name: inbox.openTab }).waitFor();
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: inbox.download }).click(),
    ]);
    assert.deepEqual(await readFile(await download.path()), pdf().buffer, "the download is bit-exact");

    await file(/invoice/).click();
    await page.getByText(inbox.whyHeld).waitFor();
    await accessible("inbox-held");
    assert.equal(await page.getByRole("button", { name: inbox.accept }).count(), 0);
    await page.getByRole("button", { name: inbox.decline }).click();
    const question = page.getByRole("dialog", { name: inbox.declineTitle });
    await question.getByRole("button", { name: inbox.decline }).click();
    await question.getByText(inbox.reasonMissing).waitFor();
    await accessible("inbox-decline");
    await question.getByLabel(inbox.reasonLabel).fill("Not what was asked for");
    await question.getByRole("button", { name: inbox.decline }).click();
    await page
        .getByText(inbox.declined("invoice.txt"))
        .or(page.getByText(/was declined/))
        .first()
        .waitFor();
    assert.equal(await list.getByRole("button").count(), 5);
    await page.getByRole("group", { name: inbox.filterLabel }).getByRole("button").nth(3).click();
    await page.getByText(inbox.noneTitle).waitFor();
    await accessible("inbox-none-held");
});

journey("The inbox says when it cannot be loaded", {}, async (at) => {
    const { page, product } = at;
    await signIn(page, product, PEOPLE.amara);
    await inEveryState(at, {
        name: "inbox",
        url: /^\/contributions$/,
        open: () => page.getByRole("link", { name: inbox.title, exact: true }).click(),
        shown: page.getByRole("list", { name: inbox.list }).getByRole("button"),
    });
});

journey("The inbox fits a phone", { kind: "phone" }, async ({ page, product, accessible }) => {
    await signIn(page, product, PEOPLE.amara, "/app/inbox");
    const first = page.getByRole("list", { name: inbox.list }).getByRole("button").first();
    await first.waitFor();
    await accessible("inbox-phone");
    await first.tap();
    await page.getByRole("button", { name: inbox.accept }).waitFor();
    await accessible("inbox-phone-file");
    await page.getByRole("button", { name: inbox.back }).tap();
    await first.waitFor();
});

// ---- Settings

journey("Nora sets the clinic's words and policy, invites, suspends and restores", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    await signIn(page, product, PEOPLE.nora, "/app/settings");
    await page.getByRole("link", { name: PEOPLE.sam.name }).waitFor();
    await accessible("settings");

    const vocabulary = page
        .locator("form")
        .filter({ has: page.getByRole("heading", { name: settings.vocabulary }) });
    await vocabulary.getByLabel("resident, residents").check();
    await vocabulary.getByRole("button", { name: words.save }).click();
    await page.getByText(settings.required("resident")).waitFor();
    await vocabulary.getByLabel("patient, patients").check();
    await vocabulary.getByRole("button", { name: words.save }).click();
    await page.getByText(settings.required("patient")).waitFor();

    const policy = page
        .locator("form")
        .filter({ has: page.getByRole("heading", { name: settings.policy, exact: true }) });
    await policy.getByLabel(settings.idle).fill("0");
    await policy.getByRole("button", { name: words.save }).click();
    await page.getByText(settings.idleWrong).waitFor();
    await policy.getByLabel(settings.idle).fill("20");
    await policy.getByRole("button", { name: words.save }).click();
    await until(
        async () => (await cast.nora.get("/organization")).policy.idle_minutes === 20,
        "the policy",
        10_000,
    );

    await page.getByRole("button", { name: settings.invite }).click();
    const form = page.getByRole("dialog");
    await form.locator("form").getByRole("button").last().waitFor();
    await accessible("settings-invite");
    await form.getByLabel(settings.fullName).fill("Eve Moreau");
    await form.getByLabel(settings.email).fill("eve@north.example");
    await form.getByRole("checkbox", { name: /^Staff/ }).check();
    await form.locator("form button.primary").click();
    await page.getByText(settings.inviteDoneText("eve@north.example")).waitFor();
    await accessible("settings-invited");
    await form.getByRole("button", { name: words.close }).last().click();

    await page.getByRole("link", { name: PEOPLE.ben.name }).click();
    await page.getByRole("heading", { level: 1, name: PEOPLE.ben.name }).waitFor();
    await page.getByRole("list").first().waitFor();
    await accessible("settings-member");
    await page.getByRole("button", { name: settings.suspend }).click();
    await accessible("settings-suspend");
    await page.getByRole("dialog").getByRole("button", { name: settings.suspend }).click();
    await page.getByText(settings.suspendedText).waitFor();
    await page.getByRole("button", { name: settings.restore }).click();
    await page.getByRole("dialog").getByRole("button", { name: settings.restore }).click();
    await page.getByText(settings.activeText).waitFor();
});

journey("Nora asks why somebody may not", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const { client } = await grace();
    await signIn(page, product, PEOPLE.nora, `/app/settings/members/${cast.ada.memberId}`);
    await page.getByLabel(settings.action).selectOption("RevealField");
    await page.getByLabel(settings.onClient("patient")).fill(`${product.origin}/app/clients/${client}`);
    await page.getByRole("button", { name: settings.ask, exact: true }).click();
    await page.getByText(settings.denied(PEOPLE.ada.name)).waitFor();
    await accessible("settings-why");
});

journey(
    "Nora sees what somebody can see, and what a change would change before she makes it",
    {},
    async (at) => {
        const { page, product, cast, accessible } = at;
        const { chart } = await grace();
        const { revision } = await cast.amara.get(`/charts/${chart}`);
        await cast.amara.post(`/charts/${chart}/grants`, {
            expected_revision: revision,
            grantee: { type: "member", id: cast.ben.memberId },
            access: "read_only",
        });
        await signIn(page, product, PEOPLE.nora, `/app/settings/members/${cast.ben.memberId}`);
        await page.getByRole("button", { name: reach.see }).click();
        await page.getByText(reach.summary(PEOPLE.ben.name, 0, 1)).waitFor();
        await page.getByText(reach.which(1), { exact: true }).click();
        await page.getByText(chart).waitFor();
        for (const part of [reach.copies, reach.facilitated, reach.inSpaces]) {
            await page.getByRole("heading", { name: part, exact: true }).waitFor();
        }
        await page.getByText(reach.why, { exact: true }).click();
        await accessible("settings-reach");

        const form = page
            .locator("form")
            .filter({ has: page.getByRole("heading", { name: settings.permissions, exact: true }) });
        const notes = form.getByRole("checkbox", {
            name: settings.may(settings.verbs.delete, settings.types.data),
        });
        const save = form.getByRole("button", { name: words.save });
        await notes.uncheck();
        assert.ok(await save.isDisabled(), "what is saved was seen before");
        await form.getByRole("button", { name: roles.preview }).click();
        await form.getByText(roles.previewFor(PEOPLE.ben.name)).waitFor();
        await form.locator("details summary").click();
        await accessible("settings-member-preview");
        await save.click();
        await until(async () => {
            const { permissions } = await cast.nora.get(`/members/${cast.ben.memberId}`);
            return !permissions.data.includes("delete");
        }, "the permissions to be saved");
        await page.getByText(reach.summary(PEOPLE.ben.name, 0, 1)).waitFor({ state: "detached" });

        await page.getByLabel(settings.action).selectOption("ReadEvidence");
        await page.getByRole("button", { name: settings.ask, exact: true }).click();
        await page.getByText(settings.denied(PEOPLE.ben.name)).waitFor();
        await page.getByLabel(supposing.label).selectOption("own");
        const supposed = page.getByRole("group", { name: supposing.own });
        await supposed.getByRole("checkbox", { name: /^Auditor/ }).check();
        await page.getByRole("button", { name: settings.ask, exact: true }).click();
        await page.getByText(supposing.allowed(PEOPLE.ben.name)).waitFor();
        await accessible("settings-why-supposed");
        assert.deepEqual((await cast.nora.get(`/members/${cast.ben.memberId}`)).roles, ["practitioner"]);
    },
);

journey("The settings say when they cannot be loaded, and whose they are", {}, async (at) => {
    const { page, product } = at;
    await signIn(page, product, PEOPLE.nora);
    await inEveryState(at, {
        name: "settings",
        url: /^\/organization$/,
        open: () => page.getByRole("link", { name: settings.title, exact: true }).click(),
        shown: page.getByRole("heading", { name: settings.vocabulary }),
    });
});

journey("Settings are for administrators", {}, async ({ page, product, accessible }) => {
    await signIn(page, product, PEOPLE.sam, "/app/settings");
    await page.getByText(settings.notYours).waitFor();
    await accessible("settings-not-yours");
});

// ---- Audit

journey("Ada reads the trail in sentences, filters it, and takes it away", {}, async (at) => {
    const { page, product, accessible } = at;
    await signIn(page, product, PEOPLE.ada, "/app/audit");
    const entries = page.locator("main li details");
    await entries.first().waitFor();
    await accessible("audit");
    await page.getByLabel(audit.kind).selectOption("SessionBegun");
    await page.getByText(/^\d+ entr(y|ies) shown/).waitFor();
    await entries.first().locator("summary").click();
    await page.getByText(audit.digest).first().waitFor();
    await accessible("audit-entry");
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: audit.export }).click(),
    ]);
    const csv = (await readFile(await download.path(), "utf8")).replace(/^\uFEFF/, "");
    assert.match(download.suggestedFilename(), /^audit-organization-\d{4}-\d\d-\d\d\.csv$/);
    const lines = csv.trim().split(/\r?\n/);
    assert.ok(lines.length > 5, csv.slice(0, 300));
    await page.getByLabel(audit.outcome).selectOption("failed");
    await page.getByText(audit.empty, { exact: true }).waitFor();
    await accessible("audit-nothing-fits");
    await page.getByRole("button", { name: audit.clear }).click();
    await page.getByLabel(audit.whose).selectOption({ label: PEOPLE.sam.name });
    await page.getByRole("heading", { name: audit.memberTrail(PEOPLE.sam.name) }).waitFor();
});

journey("The trail says when it cannot be loaded", {}, async (at) => {
    const { page, product } = at;
    await signIn(page, product, PEOPLE.nora);
    await inEveryState(at, {
        name: "audit",
        url: /^\/evidence$/,
        open: () => page.getByRole("link", { name: audit.title, exact: true }).click(),
        shown: page.locator("main li details"),
    });
});

journey("The trail fits a phone", { kind: "phone" }, async ({ page, product, accessible }) => {
    await signIn(page, product, PEOPLE.ada, "/app/audit");
    await page.locator("main li details").first().waitFor();
    await accessible("audit-phone");
});
