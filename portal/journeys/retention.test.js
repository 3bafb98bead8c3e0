/** How long records are kept, and how they come to their end, in the browser (R041, R150-R158). */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { until } from "./actor.js";
import { PEOPLE, registerGrace } from "./clinic.js";
import { inEveryState, journey, setStage, signIn, stage } from "./journey.js";
import { texts } from "./texts.js";

const { inbox } = await texts("inbox");
const { keeping, classNames, practiceNames, payerNames, missingFacts } = await texts("keeping");
const { records } = await texts("records");
const { retention } = await texts("retention");
const { outlook, eligible, unknown, schedule } = await texts("schedule");
const { sectionNames } = await texts("clients");
const { words } = await texts("common");

const PHONE = { viewport: { width: 320, height: 700 } };
const SWEPT_MS = 90_000;

async function gives(member, roles) {
    const { nora } = stage.cast;
    const { revision, permissions } = await nora.get(`/members/${member.memberId}`);
    await nora.put(`/members/${member.memberId}/permissions`, {
        expected_revision: revision,
        roles,
        permissions,
    });
}

/** A signed note of a day that is long over; gives the record's id. */
async function old(title, occurred_on, section = "progress_notes") {
    const { amara } = stage.cast;
    const content = { title, sections: [{ heading: "Findings", text: "As before." }] };
    const { record, draft } = await amara.post(`/charts/${stage.grace.chart}/notes`, {
        content,
        occurred_on,
        section,
    });
    const path = `/charts/${stage.grace.chart}/records/${record.id}/signature`;
    await amara.post(path, { expected_revision: draft.revision });
    return record.id;
}

setStage(async () => {
    const { sam, ada, amara } = stage.cast;
    await gives(sam, ["staff", "records_manager"]);
    await gives(ada, ["auditor", "records_manager"]);
    stage.grace = await registerGrace(stage.cast);
    stage.first = await old("First visit", "2015-03-01");
    stage.second = await old("Second visit", "2016-04-01");
    await old("A letter", "2014-01-01", "correspondence");
    stage.recent = await amara.writes(stage.grace.chart, "Today’s visit", "Slept well.");
});

const onWorklist = (many) =>
    until(
        async () => {
            const { records: found } = await stage.cast.sam.get("/retention/eligible");
            return found.length === many ? found : undefined;
        },
        `${many} records on the worklist`,
        SWEPT_MS,
    );

journey("Sam sets the schedule, after seeing what would move", {}, async ({ page, product, accessible }) => {
    await signIn(page, product, PEOPLE.sam, "/app/retention/schedule");
    await page.getByText(schedule.none).waitFor();
    await accessible("schedule-none");
    await page.getByRole("button", { name: schedule.edit }).click();
    await page.getByRole("button", { name: schedule.policyAdd }).click();
    await page.getByRole("button", { name: schedule.preview }).click();
    await page.getByText(schedule.placeMissing).waitFor();
    await page.getByText(schedule.policyNameMissing).waitFor();
    await accessible("schedule-edit-faults");
    const place = page.getByLabel(schedule.addPlace);
    await place.fill("Australia");
    await place.press("Enter");
    await page.getByText(schedule.placeWrong).first().waitFor();
    await place.fill("AU");
    await place.press("Enter");
    await page.getByRole("button", { name: schedule.remove("AU") }).waitFor();
    await page.getByRole("group", { name: schedule.practices }).getByLabel(practiceNames.tutoring).check();
    await page.getByLabel(schedule.policyId).fill("all");
    await page.getByLabel(schedule.policyName).fill("Everything");
    await page.getByLabel(schedule.policyPeriod).fill("1");
    await page.getByLabel(schedule.policyTrigger, { exact: true }).selectOption("service_date");
    const plan = page.getByRole("region", { name: schedule.plan });
    await plan.getByLabel(sectionNames.correspondence).selectOption("");
    await page.getByRole("button", { name: schedule.preview }).click();
    await page.getByText(schedule.moves(3)).waitFor();
    await accessible("schedule-preview");
    const day = page.getByLabel(schedule.previewOn, { exact: true });
    const today = await day.inputValue();
    await day.fill("2001-01-01");
    await page.getByRole("button", { name: schedule.preview }).click();
    await page.getByText(schedule.previewOnWrong).waitFor();
    await day.fill("2099-01-01");
    await page.getByRole("button", { name: schedule.preview }).click();
    await page.getByText(schedule.setToday).waitFor();
    assert.equal(await page.getByRole("button", { name: schedule.set }).count(), 0);
    await accessible("schedule-preview-later");
    await day.fill(today);
    await page.getByRole("button", { name: schedule.preview }).click();
    await page.getByRole("button", { name: schedule.set }).click();
    await page.getByRole("heading", { name: schedule.title(1) }).waitFor();
    await accessible("schedule");
    await onWorklist(2);
});

journey("The outlook counts what comes due, on a small phone as well", PHONE, async (at) => {
    const { page, product, accessible } = at;
    await signIn(page, product, PEOPLE.sam, "/app/retention/outlook");
    await page.getByText(outlook.done(1, 4)).waitFor();
    await page.getByRole("rowheader").first().waitFor();
    await accessible("outlook-320");
    await page.getByLabel(outlook.units.year).check();
    await page.setViewportSize({ width: 1280, height: 800 });
    await accessible("outlook");
});

journey("Of whom too little is known, the facts are entered", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    await signIn(page, product, PEOPLE.sam, "/app/retention/unknown");
    await page.getByText(unknown.chartOf(PEOPLE.amara.name)).first().waitFor();
    await page
        .getByRole("listitem")
        .filter({ hasText: missingFacts("patient").class })
        .first()
        .waitFor();
    await page.getByText(unknown.which).first().click();
    await page
        .getByRole("listitem")
        .filter({ has: page.getByRole("link", { name: sectionNames.correspondence }) })
        .getByText(unknown.lacks.class)
        .first()
        .waitFor();
    await accessible("retention-unknown");
    await page.getByLabel(unknown.filter).selectOption("discharge");
    await page.getByText(unknown.noneOfThese).waitFor();
    await page.goto(`/app/retention/clients/${stage.grace.client}`);
    await page.getByText(keeping.factsNone).waitFor();
    await page.getByLabel(keeping.lastSeen).fill("2021-05-04");
    await page.getByLabel(keeping.discharged).fill("2020-06-30");
    await page.getByLabel(keeping.residence).fill("Toronto");
    await page.getByLabel(payerNames("patient").private_insurance).check();
    await page.getByLabel(keeping.openRequest).check();
    await page.getByRole("button", { name: words.save }).click();
    await page.getByText(keeping.residenceWrong).waitFor();
    await accessible("retention-facts");
    await page.getByLabel(keeping.residence).fill("AU-NSW");
    await page.getByRole("button", { name: words.save }).click();
    await page.getByText(keeping.factsSaved).waitFor();
    const facts = await cast.sam.get(`/clients/${stage.grace.client}/retention-facts`);
    assert.deepEqual([facts.residence, facts.discharged_on], ["AU-NSW", "2020-06-30"]);
    assert.deepEqual([facts.last_encounter_on, facts.open_request], ["2021-05-04", true]);
    // It was answered, and keeps nothing any more.
    await cast.sam.put(`/clients/${stage.grace.client}/retention-facts`, {
        expected_revision: facts.revision,
        last_encounter_on: facts.last_encounter_on,
        discharged_on: facts.discharged_on,
        residence: facts.residence,
        payers: facts.payers,
    });
});

journey("Dr Amara sees how long a record is kept and why", {}, async ({ page, product, accessible }) => {
    const at = `/app/charts/${stage.grace.chart}/records/${stage.recent}`;
    await signIn(page, product, PEOPLE.amara, at);
    await page.getByRole("link", { name: records.tabs.retention }).click();
    await page.getByText(/^It is kept until/).waitFor();
    await page.getByText(keeping.decides).waitFor();
    await page.getByText(keeping.inputs).click();
    await accessible("record-retention");
    await page.getByRole("button", { name: keeping.classChange }).click();
    await page.getByRole("dialog").getByLabel(keeping.class).selectOption("consent");
    await accessible("record-class");
    await page.getByRole("dialog").getByRole("button", { name: words.save }).click();
    await page.getByText(keeping.classFrom.record).waitFor();
    await page.goto(`/app/clients/${stage.grace.client}/overview`);
    await page.getByText(keeping.facts).click();
    await page.getByLabel(keeping.discharged).waitFor();
    await accessible("client-retention-facts");
});

journey("A hold keeps records until it is released", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    await signIn(page, product, PEOPLE.sam, "/app/retention/holds");
    await page.getByText(retention.holdsNone).waitFor();
    await page.getByRole("button", { name: retention.place }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(retention.matter).fill("Okafor against North Clinic");
    await dialog.getByRole("button", { name: retention.place }).click();
    await dialog.getByText(retention.scopeMissing).waitFor();
    await accessible("hold-place");
    await dialog.getByLabel(retention.notice).fill("Keep everything of this chart.");
    await dialog.getByLabel(retention.scopeCharts).fill(stage.grace.chart);
    await dialog.getByLabel(PEOPLE.amara.name).check();
    const due = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
    await dialog.getByLabel(retention.reaffirmBy).fill(due);
    await dialog.getByRole("button", { name: retention.place }).click();
    await page.getByRole("heading", { name: "Okafor against North Clinic" }).waitFor();
    await accessible("hold");
    await page.goto("/app/retention/eligible");
    await page.getByText(retention.held(1)).first().waitFor();
    await accessible("eligible-held");

    await page.context().clearCookies();
    await signIn(page, product, PEOPLE.amara, "/app/inbox/notices");
    const told = inbox.noticeReasons.hold_placed(PEOPLE.sam.name);
    await page.getByRole("link", { name: `${inbox.noticeOpen}: ${told}` }).click();
    await page.getByRole("button", { name: retention.acknowledge }).click();
    await page.getByText(/knows since/).waitFor();
    await accessible("hold-acknowledged");

    await page.context().clearCookies();
    await signIn(page, product, PEOPLE.sam, "/app/retention/holds");
    await page.getByRole("link", { name: "Okafor against North Clinic" }).click();
    await page.getByRole("button", { name: retention.release, exact: true }).click();
    await dialog.getByLabel(retention.releaseReason).fill("The suit was withdrawn.");
    await dialog.getByRole("button", { name: retention.release, exact: true }).click();
    await page.getByText("The suit was withdrawn.").waitFor();
    await accessible("hold-released");
    assert.deepEqual((await cast.sam.get("/retention/eligible")).records[0].holds, []);
});

journey("The worklist says when it cannot be loaded", {}, async (at) => {
    const { page, product } = at;
    await signIn(page, product, PEOPLE.sam, "/app/retention/holds");
    await inEveryState(at, {
        name: "eligible",
        url: /^\/retention\/eligible$/,
        open: () => page.getByRole("link", { name: retention.tabs.eligible, exact: true }).click(),
        shown: page.getByRole("rowheader"),
    });
});

/** Signs somebody in at a disposition, and approves it. */
async function approves(page, product, person, accessible) {
    await page.context().clearCookies();
    await signIn(page, product, person, "/app/inbox/notices");
    const told = inbox.noticeReasons.disposition_to_approve(PEOPLE.sam.name);
    await page.getByRole("link", { name: `${inbox.noticeOpen}: ${told}` }).click();
    await page.getByRole("button", { name: retention.approve, exact: true }).click();
    await accessible("disposition-approve");
    await page.getByRole("dialog").getByRole("button", { name: retention.approve, exact: true }).click();
    await page.getByText(retention.approved).waitFor();
}

journey("Two others approve, and what is destroyed is certified", { timeout: 240_000 }, async (at) => {
    const { page, product, cast, accessible } = at;
    await onWorklist(2);
    await signIn(page, product, PEOPLE.sam, "/app/retention/eligible");
    await page.getByRole("checkbox", { name: eligible.chooseAll }).check();
    await page.getByText(eligible.chosen(2)).waitFor();
    await accessible("eligible");
    await page.getByRole("button", { name: eligible.propose }).click();
    await page.getByText(eligible.proposed(2)).first().waitFor();
    await accessible("eligible-proposed");
    await page.getByRole("link", { name: eligible.toDisposition }).click();
    await page.getByText(retention.states.proposed, { exact: true }).waitFor();
    await accessible("disposition-proposed");
    const address = new URL(page.url()).pathname;

    await approves(page, product, PEOPLE.nora, accessible);
    await approves(page, product, PEOPLE.ada, accessible);
    await page.context().clearCookies();
    await signIn(page, product, PEOPLE.sam, address);
    await page.getByRole("button", { name: retention.execute }).click();
    await accessible("disposition-execute");
    await page.getByRole("dialog").getByRole("button", { name: retention.executeDo, exact: true }).click();
    await page.getByRole("heading", { name: retention.certificate }).waitFor({ timeout: SWEPT_MS });
    await accessible("disposition-certified");
    const [pdf] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: retention.exportPdf }).click(),
    ]);
    assert.match((await readFile(await pdf.path())).subarray(0, 5).toString(), /^%PDF-/);
    const { records: gone } = await cast.amara.get(`/charts/${stage.grace.chart}/destroyed-records`);
    assert.deepEqual(gone.map((one) => one.record_id).toSorted(), [stage.first, stage.second].toSorted());

    await page.goto(`/app/charts/${stage.grace.chart}/records/${stage.first}/retention`);
    await page.getByText(keeping.destroyedText).waitFor();
    await accessible("record-destroyed");
    await page.getByRole("link", { name: keeping.toGone }).click();
    await page.getByRole("heading", { level: 1, name: keeping.gone }).waitFor();
    await page.getByRole("rowheader", { name: classNames.progress_note }).first().waitFor();
    await page.getByRole("link", { name: keeping.toDisposition }).first().waitFor();
    await accessible("retention-destroyed");
    await page.context().clearCookies();
    await signIn(page, product, PEOPLE.amara, `/app/clients/${stage.grace.client}/sharing`);
    await page.getByText(keeping.gone).click();
    await page.getByRole("rowheader", { name: classNames.progress_note }).first().waitFor();
    await accessible("chart-destroyed");
});
