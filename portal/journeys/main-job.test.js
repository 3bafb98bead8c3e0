/** The main job, as the staff of a clinic do it all day: find or register, open, add, look, hand over, look back. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { until } from "./actor.js";
import { visit } from "./browser.js";
import { GRACE, PEOPLE } from "./clinic.js";
import { letter, pdf, photo, radiograph, sound, video } from "./files.js";
import { inEveryState, journey, setStage, signIn, stage } from "./journey.js";
import { texts } from "./texts.js";

const { search, register, page: clientPage, timeline, fieldNames, typeNames } = await texts("clients");
const { add } = await texts("add");
const { records: record } = await texts("records");
const { folders } = await texts("folders");
const { links } = await texts("links");
const { sending } = await texts("patient-sending");
const { inbox } = await texts("inbox");

setStage();

const FILES = [radiograph(), pdf(), photo(), letter(), sound(), video()];
const NOTE = { title: "First visit", text: "Dry cough for three weeks. Lungs clear." };

/** Grace, as the browser registered her, or registered now where a journey is told alone. */
async function person() {
    return (stage.client ??= await stage.cast.amara.registers(GRACE));
}

/** The same with Dr Amara's chart of hers. */
async function grace() {
    const { cast } = stage;
    const client = await person();
    if (!stage.chart) {
        const { charts } = await cast.amara.get(`/clients/${client}/charts`);
        const own = charts.find((one) => one.owner === cast.amara.memberId);
        stage.chart = own?.id ?? (await cast.amara.opensChart(client));
    }
    return { client, chart: stage.chart };
}

/** Everything in the chart, by title. */
async function records() {
    const { chart } = await grace();
    return stage.cast.amara.all(`/charts/${chart}/records`, "records");
}

/** The file's record; uploaded now where nobody has. */
async function recordOf(file) {
    const { chart } = await grace();
    const isIt = (one) => one.file?.file_name === file.name;
    return (await records()).find(isIt) ?? stage.cast.amara.uploads(chart, file);
}

// ---- Finding and registering

journey("Sam finds nobody, registers, and is told who is alike", {}, async (at) => {
    const { page, product, cast, watch, accessible } = at;
    const twin = await cast.sam.registers({ ...GRACE, phones: ["+1 416 555 0199"] });
    watch.expects(/^409: POST .*\/clients$/);
    await signIn(page, product, PEOPLE.sam);
    await page.getByText(search.idle("patient")).waitFor();
    await accessible("clients-idle");
    await page.getByRole("searchbox", { name: search.box }).fill("Mwangi");
    await page.getByText(search.none("patient")).waitFor();
    await accessible("clients-none");
    await page
        .getByRole("main")
        .getByRole("link", { name: search.register("patient") })
        .last()
        .click();
    await page.getByRole("heading", { level: 1, name: register.title("patient") }).waitFor();
    await accessible("register");
    await page.getByLabel(register.fullName).fill("Grace OKAFOR");
    await page.getByLabel(register.birthDate).fill(GRACE.birth_date);
    await page.getByLabel(register.phones).fill(GRACE.phones[0]);
    // Already while the rest is typed.
    await page.getByText(register.duplicates).waitFor();
    await accessible("register-duplicates");
    await page.getByRole("button", { name: register.somebodyElse("patient") }).click();
    await page.getByText(register.duplicates).waitFor({ state: "detached" });
    assert.equal(
        await page.getByLabel(register.fullName).inputValue(),
        "Grace OKAFOR",
        "what was typed stays",
    );
    await page.getByRole("button", { name: register.submit, exact: true }).click();
    await page.waitForURL(/\/app\/clients\/[0-9a-f-]{36}/);
    stage.client = /clients\/([0-9a-f-]{36})/.exec(page.url())[1];
    assert.notEqual(stage.client, twin);
    await page.getByRole("heading", { level: 1 }).waitFor();
});

journey("Who is registered is found by name, birth date, file number and phone", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const client = await person();
    const { file_number } = await cast.amara.get(`/clients/${client}`);
    await signIn(page, product, PEOPLE.sam);
    const box = page.getByRole("searchbox", { name: search.box });
    for (const [by, typed] of [
        ["name", "oka gr"],
        ["birth_date", "1984-02"],
        ["file_number", file_number.slice(0, 6)],
        ["phone", GRACE.phones[0]],
    ]) {
        await page.getByLabel(search.label).selectOption(by);
        await box.fill(typed);
        await page.locator(`main a[href*="${client}"]`).waitFor();
        if (by === "name") await accessible("clients-found");
    }
    // Arrows and Enter lead into the file without a mouse.
    await box.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/app\/clients\/[0-9a-f-]{36}/);
});

journey("A search says what happened when it fails", {}, async (at) => {
    const { page, product } = at;
    const client = await person();
    await signIn(page, product, PEOPLE.sam);
    await inEveryState(at, {
        name: "clients",
        url: /^\/clients$/,
        open: () => page.getByRole("searchbox", { name: search.box }).fill("Okafor"),
        shown: page.locator(`main a[href*="${client}"]`),
    });
});

journey("Registering keeps what was typed when nothing answers", {}, async (at) => {
    const { page, product, watch, accessible } = at;
    watch.expects(/^failed: POST .*\/clients/, /^409: POST .*\/clients$/);
    await signIn(page, product, PEOPLE.sam, "/app/clients/new");
    const isRegistering = (url) => url.pathname === "/clients";
    await page.route(isRegistering, (route) => route.abort("internetdisconnected"));
    await page.getByLabel(register.fullName).fill("Wanjiru Kamau");
    await page.getByLabel(register.birthDate).fill("1991-05-06");
    await page.getByRole("button", { name: register.submit, exact: true }).click();
    await page.getByRole("alert").getByText("cannot be reached").waitFor();
    await accessible("register-error");
    assert.equal(await page.getByLabel(register.fullName).inputValue(), "Wanjiru Kamau");
    await page.unroute(isRegistering);
    await page.getByRole("button", { name: register.submit, exact: true }).click();
    await page.waitForURL(/\/app\/clients\/[0-9a-f-]{36}/);
});

// ---- The chart

journey("Dr Amara opens a chart", {}, async ({ page, product, accessible }) => {
    const client = await person();
    await signIn(page, product, PEOPLE.amara, `/app/clients/${client}/timeline`);
    await page.getByText(clientPage.noChart("patient")).waitFor();
    await accessible("client-no-chart");
    await page.getByRole("button", { name: clientPage.openChart }).first().click();
    await page.getByText(clientPage.chartOpened).first().waitFor();
    await page.getByText(timeline.empty).waitFor();
    await accessible("timeline-empty");
    assert.ok((await grace()).chart);
});

journey("Dr Amara writes a note, which is kept while she types, and signs it", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const { client, chart } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/clients/${client}/timeline`);
    await page.getByRole("main").getByRole("link", { name: clientPage.addRecord }).first().click();
    await page.getByRole("heading", { level: 1, name: add.title }).waitFor();
    await accessible("add");
    await page.getByRole("radio", { name: add.types.note.name }).check();
    await page.getByLabel(add.recordTitle).fill(NOTE.title);
    await page.getByLabel(add.text, { exact: true }).fill(NOTE.text);
    await page.getByText(/^Saved at /).waitFor();
    await accessible("add-note-saved");
    const drafts = (await records()).filter((one) => one.status === "draft");
    assert.equal(drafts.length, 1, "it is kept as a draft before she signs");
    await page.getByRole("button", { name: add.sign, exact: true }).click();
    await page.getByText(add.signingText).waitFor();
    await accessible("add-note-signing");
    await page.getByRole("button", { name: add.signNow }).click();
    await page.getByRole("heading", { name: add.noteSigned(NOTE.title) }).waitFor();
    await accessible("add-note-signed");
    const signed = (await records()).filter((one) => one.title === NOTE.title);
    assert.deepEqual(
        signed.map((one) => one.status),
        ["signed"],
    );
    const read = await cast.amara.get(`/charts/${chart}/records/${signed[0].id}`);
    assert.equal(read.content.sections[0].text, NOTE.text);
});

journey("A reload in the middle of a note loses nothing of it", {}, async ({ page, product }) => {
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/add?client=${client}`);
    await page.getByRole("radio", { name: add.types.note.name }).check();
    await page.getByLabel(add.text, { exact: true }).fill("Began before the reload.");
    await page.getByText(/^Saved at /).waitFor();
    await page.reload();
    const text = page.getByLabel(add.text, { exact: true });
    await text.waitFor();
    await until(
        async () => (await text.inputValue()) === "Began before the reload.",
        "the draft to be back",
        5_000,
    );
});

journey("Dr Amara takes the signing back in time", {}, async ({ page, product }) => {
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/add?client=${client}`);
    await page.getByRole("radio", { name: add.types.note.name }).check();
    await page.getByLabel(add.text, { exact: true }).fill("Not finished.");
    await page.getByRole("button", { name: add.sign, exact: true }).click();
    await page.getByRole("button", { name: add.undoSigning, exact: true }).click();
    await page.getByLabel(add.text, { exact: true }).fill("Not finished, and kept.");
    await page.getByText(/^Saved at /).waitFor();
    assert.ok((await records()).every((one) => one.status !== "signed" || one.title === NOTE.title));
});

journey("A note is kept on the page while nothing answers, and saved when it does", {}, async (at) => {
    const { page, product, watch, accessible } = at;
    watch.expects(/^failed: (POST|PUT) .*\/(notes|draft)/);
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/add?client=${client}`);
    await page.getByRole("radio", { name: add.types.note.name }).check();
    const isNote = (url) => /\/(notes|draft)$/.test(url.pathname);
    await page.route(isNote, (route) => route.abort("internetdisconnected"));
    await page.getByLabel(add.text, { exact: true }).fill("Written while the line was down.");
    await page.getByText(add.notSaved).waitFor();
    await accessible("add-note-not-saved");
    await page.unroute(isNote);
    await page.getByText(/^Saved at /).waitFor();
});

journey("Dr Amara adds a folder that stands at a place nobody had named", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/add?client=${client}`);
    await page.getByRole("radio", { name: add.types.folder.name }).check();
    await page.getByLabel(add.recordTitle).fill("Paper chart, 1998 to 2012");
    await page.getByLabel(add.barcode).fill("NC-0007");
    await page.getByRole("button", { name: folders.addSite }).click();
    await page.getByLabel(folders.placeName).fill("Main building");
    await page
        .getByRole("group", { name: folders.addPlace })
        .getByRole("button", { name: folders.addPlace })
        .click();
    await accessible("add-folder");
    await page.getByRole("button", { name: add.addFolder, exact: true }).click();
    await page.getByRole("heading", { name: add.folderAdded("Paper chart, 1998 to 2012") }).waitFor();
    await accessible("add-folder-added");
    const found = await cast.sam.get("/barcodes/NC-0007");
    assert.equal(found.location, "Main building");
});

journey("Dr Amara adds six files at once, and each is told how it went", {}, async (at) => {
    const { page, product, accessible } = at;
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/add?client=${client}`);
    await page.getByRole("radio", { name: add.types.file.name }).check();
    await accessible("add-files");
    await page.locator("main input[type=file]").first().setInputFiles(FILES);
    await page.getByText(add.toSend).waitFor();
    await accessible("add-files-chosen");
    await page.getByRole("button", { name: /^Add 6 files/ }).click();
    await page.getByText(add.allAdded(FILES.length)).first().waitFor({ timeout: 60_000 });
    await accessible("add-files-added");
    const all = await records();
    for (const file of FILES) {
        assert.equal(all.filter((one) => one.file?.file_name === file.name).length, 1, file.name);
    }
});

// ---- Looking

/** What shows that a viewer has shown something. */
const SHOWN = {
    "chest-pa.dcm": (main) => drawn(main.locator("canvas").first()),
    "discharge-summary.pdf": (main) => drawn(main.locator("canvas").first()),
    "rash-left-arm.jpg": (main) =>
        main
            .locator("img")
            .first()
            .evaluate((image) => image.naturalWidth === 320),
    "referral.txt": async (main) => (await main.innerText()).includes("thank you for seeing Grace"),
    "dictation.wav": (main) => main.locator("audio").evaluate((media) => Math.round(media.duration) === 2),
    "gait.mp4": (main) =>
        main.locator("video").evaluate((film) => {
            // A Chromium without the codec shows that it cannot; there is nothing more to see.
            return film.videoWidth === 96 || !film.canPlayType('video/mp4; codecs="avc1.42C01E"');
        }),
};

/** Whether a canvas has more than one colour. */
async function drawn(canvas) {
    if (!(await canvas.count())) return false;
    return canvas.evaluate((element) => {
        const copy = document.createElement("canvas");
        [copy.width, copy.height] = [64, 64];
        const context = copy.getContext("2d");
        context.drawImage(element, 0, 0, 64, 64);
        const { data } = context.getImageData(0, 0, 64, 64);
        const seen = new Set();
        for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 3).join());
        return seen.size > 1;
    });
}

for (const file of FILES) {
    journey(`${file.name} is shown, and downloaded bit for bit`, {}, async (at) => {
        const { page, product, accessible } = at;
        const { chart } = await grace();
        const { id } = await recordOf(file);
        await signIn(page, product, PEOPLE.amara, `/app/charts/${chart}/records/${id}`);
        const main = page.getByRole("main");
        await until(() => SHOWN[file.name](main).catch(() => false), `${file.name} to be shown`, 20_000);
        await accessible(`record-${file.name.replace(/.*\./, "")}`);
        const [download] = await Promise.all([
            page.waitForEvent("download"),
            main.getByRole("button", { name: record.download }).click(),
        ]);
        assert.ok((await readFile(await download.path())).equals(file.buffer), "the bytes are the same");
        assert.equal(download.suggestedFilename(), file.name);
    });
}

journey("The timeline shows everything, the newest first", {}, async ({ page, product, accessible }) => {
    const { client } = await grace();
    for (const file of FILES) await recordOf(file);
    await signIn(page, product, PEOPLE.amara, `/app/clients/${client}/timeline`);
    const main = page.getByRole("main");
    for (const one of await records()) await main.locator(`a[href*="${one.id}"]`).first().waitFor();
    await accessible("timeline");
    await main.getByLabel(timeline.filterType).selectOption({ label: typeNames.electronic });
    await until(
        async () => (await main.locator("a[href*='/records/']").count()) === FILES.length,
        "only the files to be shown",
        15_000,
    );
});

journey("The timeline fits a phone", { kind: "phone" }, async ({ page, product, accessible }) => {
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/clients/${client}/timeline`);
    await page.getByRole("main").locator("a[href*='/records/']").first().waitFor();
    await accessible("timeline-phone");
});

journey("The timeline says what happened when it cannot be loaded", {}, async (at) => {
    const { page, product } = at;
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/clients/${client}/overview`);
    await inEveryState(at, {
        name: "timeline",
        url: /^\/clients\/[^/]+\/timeline$/,
        open: () => page.getByRole("main").getByRole("link", { name: clientPage.tabs.timeline }).click(),
        shown: page.getByRole("main").locator("a[href*='/records/']"),
    });
});

journey("Dr Amara reveals a masked detail, and that she did is in the history", {}, async (at) => {
    const { page, product, accessible } = at;
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/clients/${client}/overview`);
    const main = page.getByRole("main");
    await main.getByText(fieldNames.telephone_number, { exact: true }).waitFor();
    assert.ok(!(await main.innerText()).includes(GRACE.phones[0]), "it is masked at first");
    await accessible("client-masked");
    const row = main.getByRole("button", {
        name: new RegExp(`${clientPage.reveal}.*${fieldNames.telephone_number}`),
    });
    await row.click();
    await main.getByText(GRACE.phones[0]).waitFor();
    await accessible("client-revealed");
    await main.getByRole("link", { name: clientPage.tabs.history }).click();
    await main
        .getByText(/revealed.*(phone|telephone)/i)
        .first()
        .waitFor();
    await accessible("client-history");
});

// ---- Mistakes and folders

journey(
    "Dr Amara strikes a record through, with the reason",
    {},
    async ({ page, product, cast, accessible }) => {
        const { chart } = await grace();
        const wrong = await cast.amara.uploads(chart, letter("wrong.txt", "About somebody else.\n"));
        await signIn(page, product, PEOPLE.amara, `/app/charts/${chart}/records/${wrong.id}`);
        await page.getByText("About somebody else.").waitFor();
        await page.getByRole("button", { name: record.void }).click();
        await page.getByLabel(record.voidReason).fill("Letter about somebody else");
        await accessible("record-void");
        await page.getByRole("dialog").getByRole("button", { name: record.voidDo }).click();
        await until(
            async () => (await cast.amara.get(`/charts/${chart}/records/${wrong.id}`)).status === "voided",
            "it to be struck through",
            15_000,
        );
        await page.getByText(/struck this through on .*: Letter about somebody else/).waitFor();
        await accessible("record-voided");
    },
);

journey("Sam hands a folder out and takes it back", {}, async ({ page, product, cast }) => {
    const { chart } = await grace();
    const places = await cast.sam.all("/locations", "locations");
    const location_id =
        places[0]?.id ?? (await cast.sam.post("/locations", { kind: "site", name: "Main building" })).id;
    await cast.amara.post(`/charts/${chart}/folders`, { title: "Films", location_id, barcode: "NC-0042" });
    await signIn(page, product, PEOPLE.sam, "/app/folders");
    await page.getByLabel(folders.barcode).fill("NC-0042");
    await page.getByLabel(folders.barcode).press("Enter");
    await page.getByLabel(folders.checkOutTo).selectOption({ label: PEOPLE.amara.name });
    await page.getByRole("button", { name: folders.checkOut }).click();
    await page.getByText(folders.states.checked_out, { exact: true }).waitFor();
    await page.getByRole("button", { name: folders.checkIn }).click();
    await page.getByText(folders.states.on_shelf, { exact: true }).waitFor();
    const { custody } = await cast.sam.get(
        `/charts/${chart}/records/${(await cast.sam.get("/barcodes/NC-0042")).record_id}/custody`,
    );
    assert.deepEqual(
        custody.map((entry) => entry.act),
        ["checked_in", "checked_out", "filed"],
    );
});

// ---- From the patient

journey("Dr Amara asks for a photo; Grace sends it from her phone; it is filed", {}, async (at) => {
    const { page, product, browser, accessible } = at;
    const { client } = await grace();
    await signIn(page, product, PEOPLE.amara, `/app/clients/${client}/links`);
    await page.getByText(links.emptyTitle).waitFor();
    await accessible("links-empty");
    await page.getByRole("button", { name: links.make, exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: links.create }).click();
    await dialog.getByText(links.whatMissing).waitFor();
    await accessible("links-new");
    await dialog.getByLabel(links.what).fill("A photo of the rash");
    await dialog.getByRole("button", { name: links.create }).click();
    const address = await page.getByLabel(links.address, { exact: true }).inputValue();
    await accessible("links-made");
    assert.match(address, /\/intake#[\w-]{20,}$/);

    const phone = await visit(browser, product.origin, { kind: "phone" });
    await phone.page.goto(address);
    const [chooser] = await Promise.all([
        phone.page.waitForEvent("filechooser"),
        phone.page.getByRole("button", { name: sending.photo }).tap(),
    ]);
    await chooser.setFiles(photo("rash-today.jpg"));
    await phone.page.getByRole("button", { name: /^Send 1 file/ }).tap();
    await phone.page.getByText(sending.allArrived).waitFor();
    assert.deepEqual(phone.watch.faults, []);
    await phone.context.close();

    page.on("dialog", (question) => void question.accept());
    await dialog.getByRole("button", { name: links.done }).click();
    await page
        .getByText(links.received(1), { exact: false })
        .or(page.getByText("A photo of the rash"))
        .first()
        .waitFor();
    await accessible("links");
    await page.getByRole("link", { name: inbox.title, exact: true }).click();
    await page
        .getByRole("list", { name: inbox.list })
        .getByRole("button", { name: /rash-today/ })
        .click();
    await page.getByRole("button", { name: inbox.accept }).click({ timeout: 30_000 });
    await page
        .getByText(/is in the chart now/)
        .first()
        .waitFor();
    const filed = (await records()).find((one) => one.file?.file_name === "rash-today.jpg");
    assert.equal(filed?.from_client, true);
});

journey("The history tells everything in sentences", {}, async ({ page, product, accessible }) => {
    const { chart } = await grace();
    const { id } = await recordOf(FILES[0]);
    await signIn(page, product, PEOPLE.amara, `/app/charts/${chart}/records/${id}/history`);
    const entries = page.getByRole("main").locator("li details summary");
    await entries.first().waitFor();
    await accessible("record-history");
    const sentences = await entries.allInnerTexts();
    assert.ok(sentences.length >= 2, "at least its coming and this reading");
    for (const sentence of sentences) assert.match(sentence, /^\S+( \S+){2,}/, "a sentence");
});

journey("A record says what happened when it cannot be loaded", {}, async (at) => {
    const { page, product } = at;
    const { client, chart } = await grace();
    const { id } = await recordOf(FILES[3]);
    await signIn(page, product, PEOPLE.amara, `/app/clients/${client}/timeline`);
    await inEveryState(at, {
        name: "record",
        url: new RegExp(`^/charts/${chart}/records/${id}$`),
        open: () => page.getByRole("main").locator(`a[href*="${id}"]`).first().click(),
        shown: page.getByText("thank you for seeing Grace"),
    });
});
