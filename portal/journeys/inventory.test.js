/** The records room in the browser: places and their labels, import, inventory, stock-taking, incidents (R030-R038). */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { PEOPLE, registerGrace } from "./clinic.js";
import { photo } from "./files.js";
import { inEveryState, journey, setStage, signIn, stage } from "./journey.js";
import { texts } from "./texts.js";

const { folders } = await texts("folders");
const { inbox } = await texts("inbox");
const { inventory } = await texts("inventory");
const { eligible } = await texts("schedule");
const { retention } = await texts("retention");
const { words } = await texts("common");

/** The places from the site to the shelf, by name. */
async function furnish({ sam }) {
    const places = {};
    let within = null;
    for (const [kind, name] of [
        ["site", "Main building"],
        ["room", "Records room"],
        ["shelf", "Shelf 2"],
    ]) {
        places[name] = await sam.post("/locations", { kind, name, within });
        within = places[name].id;
    }
    return places;
}

setStage(async () => {
    const { nora, sam, amara } = stage.cast;
    const member = await nora.get(`/members/${sam.memberId}`);
    await nora.put(`/members/${sam.memberId}/permissions`, {
        expected_revision: member.revision,
        roles: ["staff", "records_manager"],
        permissions: member.permissions,
    });
    stage.grace = await registerGrace(stage.cast);
    stage.number = (await amara.get(`/clients/${stage.grace.client}`)).file_number;
    stage.places = await furnish(stage.cast);
    stage.shelf = stage.places["Shelf 2"];
});

const csv = (rows) => ({
    name: "folders.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(["file_number,title,location,barcode,occurred_on", ...rows].join("\r\n")),
});

journey("Sam imports a list of folders, and sees what is wrong with it", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const shelf = "Main building / Records room / Shelf 2";
    await signIn(page, product, PEOPLE.sam, "/app/folders/import");
    await page.getByLabel(inventory.importFile).waitFor();
    await accessible("inventory-import");
    const list = csv([
        `${stage.number},"Chart, 1998 to 2012",${shelf},NC-0001,2012-03-01`,
        `${stage.number},Old letters,${shelf},NC-0002,2009-01-01`,
        `${stage.number},Without a label,${shelf},,2011-01-01`,
        `${stage.number},In the attic,Main building / Attic,NC-0003,2011-01-01`,
        "99999999,Of nobody,Main building,NC-0001,2011-01-01",
    ]);
    await page.getByLabel(inventory.importFile).setInputFiles(list);
    await page.getByText(inventory.checked(3, 5)).first().waitFor();
    await page.getByRole("cell", { name: inventory.faultWords.unknown_location }).waitFor();
    await accessible("inventory-import-checked");
    const [faults] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: inventory.faultsCsv }).click(),
    ]);
    assert.match(await readFile(await faults.path(), "utf8"), /^Line,Column,What is wrong\r\n5,location,/);
    await page.getByRole("button", { name: inventory.import(3) }).click();
    await page.getByRole("button", { name: inventory.another }).waitFor();
    await accessible("inventory-import-done");
    const filed = await cast.sam.all(`/locations/${stage.shelf.id}/folders`, "folders");
    assert.deepEqual(filed.map((one) => one.barcode ?? "").toSorted(), ["", "NC-0001", "NC-0002"]);

    await page.getByRole("button", { name: inventory.another }).click();
    await page.getByLabel(inventory.importFile).setInputFiles(list);
    await page.getByText(inventory.already(3)).waitFor();
    await page.getByLabel(inventory.importFile).setInputFiles(csv([]));
    await page.getByText(inventory.empty).waitFor();
});

journey("Sam lists a shelf, labels what has no barcode, and prints the labels", {}, async (at) => {
    const { page, product, accessible } = at;
    await signIn(page, product, PEOPLE.sam, `/app/folders/inventory?place=${stage.shelf.id}`);
    await page.getByRole("cell", { name: "NC-0001" }).waitFor();
    await accessible("inventory-list");
    await page.getByLabel(inventory.names("patient")).check();
    await page.getByRole("button", { name: inventory.show, exact: true }).click();
    await page.getByRole("columnheader", { name: inventory.client, exact: true }).waitFor();
    await page.getByRole("button", { name: inventory.makeBarcode }).click();
    await page.getByRole("button", { name: inventory.makeBarcode }).waitFor({ state: "detached" });
    const [list] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: inventory.csv }).click(),
    ]);
    const rows = (await readFile(await list.path(), "utf8")).trimEnd().split("\r\n");
    assert.equal(rows.length, 1 + 3, "a line for each folder below the names of the columns");
    await page.getByRole("link", { name: inventory.labels }).click();
    await page.getByRole("img", { name: "NC-0002" }).waitFor();
    await accessible("inventory-labels");
});

journey("The label of a place leads to the place, which is changed and retired", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const box = await cast.sam.post("/locations", { kind: "box", name: "Box 9", within: stage.shelf.id });
    await signIn(page, product, PEOPLE.sam, "/app/folders");
    await page.getByLabel(folders.barcode).fill(box.barcode);
    await page.getByLabel(folders.barcode).press("Enter");
    const found = page.locator("section").filter({ has: page.getByRole("heading", { name: "Box 9" }) });
    await found.getByText(box.path, { exact: true }).first().waitFor();
    await accessible("place-found");
    await found.getByRole("button", { name: folders.changePlace }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(folders.accesses.secured).check();
    await dialog.getByLabel(folders.scheme).selectOption("terminal_digit");
    await dialog.getByLabel(folders.placePosition).fill("below the window");
    await accessible("place-change");
    await dialog.getByRole("button", { name: words.save }).click();
    await found.getByText(folders.accessBadges.secured).first().waitFor();
    await found.getByText("below the window").waitFor();

    await found.getByRole("button", { name: folders.changePlace }).click();
    await dialog.getByRole("button", { name: folders.retire }).click();
    await page.getByText(folders.retireText).waitFor();
    await page.getByRole("dialog").getByRole("button", { name: folders.retire, exact: true }).click();
    await found.getByText(folders.isRetired).waitFor();
    const all = await cast.sam.all("/locations", "locations");
    assert.ok(all.find((one) => one.id === box.id).retired_at);
});

journey("Sam reports a lost folder, and Nora assesses it", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    await signIn(page, product, PEOPLE.sam, "/app/folders");
    await page.getByLabel(folders.barcode).fill("NC-0002");
    await page.getByLabel(folders.barcode).press("Enter");
    await page.getByRole("button", { name: inventory.reportIncident }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: inventory.reportIncident }).click();
    await dialog.getByText(inventory.reportMissing).waitFor();
    await dialog.getByLabel(inventory.reportNote).fill("All letters are scanned but two.");
    await accessible("incident-report");
    await dialog.getByRole("button", { name: inventory.reportIncident }).click();
    await page.getByText(folders.states.missing, { exact: true }).waitFor();

    await page.context().clearCookies();
    await signIn(page, product, PEOPLE.nora, "/app/inbox/notices");
    const told = inbox.noticeReasons.incident_to_assess(PEOPLE.sam.name);
    await page.getByRole("link", { name: `${inbox.noticeOpen}: ${told}` }).click();
    await page.getByText("All letters are scanned but two.").waitFor();
    await accessible("incidents");
    await page.getByRole("button", { name: inventory.assess }).click();
    await page.getByRole("dialog").getByRole("button", { name: inventory.assess }).click();
    await page.getByText(inventory.assessMissing).waitFor();
    await page.getByLabel(inventory.assessments.breach).check();
    await page.getByLabel(inventory.assessNote).fill("Nobody knows who has it.");
    await accessible("incident-assess");
    await page.getByRole("dialog").getByRole("button", { name: inventory.assess }).click();
    await page.getByText(inventory.incidentsNone).waitFor();
    await page.getByText(inventory.closedToo).click();
    await page.getByText("Nobody knows who has it.").waitFor();
    await accessible("incidents-assessed");
    const { incidents } = await cast.nora.get("/incidents?closed=true");
    assert.equal(incidents[0].closed.assessment, "breach");
});

journey("Sam takes stock on a phone, and what is missing is reported", { kind: "phone" }, async (at) => {
    const { page, product, accessible } = at;
    await signIn(page, product, PEOPLE.sam, "/app/folders/stocktakes");
    await page.getByText(inventory.stocktakesNone).waitFor();
    await accessible("stocktakes-phone");
    await page.getByRole("combobox", { name: folders.place }).fill("shelf 2");
    await page.getByRole("listbox", { name: folders.place }).getByRole("option").first().click();
    await page.getByRole("button", { name: inventory.begin }).click();
    const scan = page.getByLabel(inventory.scan, { exact: true });
    await scan.waitFor();
    for (const barcode of ["NC-0001", "NC-9999"]) {
        await scan.fill(barcode);
        await scan.press("Enter");
        await page.getByText(barcode, { exact: true }).waitFor();
    }
    await page.getByText(inventory.results.unexpected).waitFor();
    await accessible("stocktake-phone");
    await page.getByRole("button", { name: inventory.close }).click();
    await page.getByRole("heading", { name: inventory.report }).waitFor();
    await accessible("stocktake-report-phone");
});

journey("Paper with a compared scan is proposed for destruction", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const { chart } = stage.grace;
    const all = await cast.sam.all(`/locations/${stage.shelf.id}/folders`, "folders");
    const paper = all.find((one) => one.barcode === "NC-0001");
    const scan = await cast.amara.uploads(chart, photo("chart.jpg"));
    await cast.amara.put(`/charts/${chart}/records/${paper.record_id}/scan`, {
        expected_revision: paper.revision,
        record_id: scan.id,
        verified: true,
    });
    await signIn(page, product, PEOPLE.sam, `/app/folders/inventory?place=${stage.shelf.id}`);
    await page.getByLabel(inventory.digitised).check();
    await accessible("inventory-digitised");
    await page.getByRole("button", { name: inventory.propose(1) }).click();
    await page.getByText(eligible.proposed(1)).first().waitFor();
    await accessible("inventory-proposed");
    await page.getByRole("link", { name: eligible.toDisposition }).click();
    await page.getByRole("heading", { name: retention.grounds.digitised }).waitFor();
});

journey("The incidents say when they cannot be loaded", {}, async (at) => {
    const { page, product } = at;
    await signIn(page, product, PEOPLE.nora, "/app/folders");
    await inEveryState(at, {
        name: "incidents",
        url: /^\/incidents$/,
        open: () => page.getByRole("link", { name: inventory.tabs.incidents, exact: true }).click(),
        shown: page.getByText(inventory.incidentsNone),
    });
});
