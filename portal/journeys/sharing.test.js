/** Who may see what, in the browser: sharing, co-signing, handing over, teams and roles, spaces, sessions. */
import assert from "node:assert/strict";
import { until } from "./actor.js";
import { GRACE, PEOPLE, registerGrace } from "./clinic.js";
import { photo } from "./files.js";
import { journey, setStage, signIn, stage } from "./journey.js";
import { texts } from "./texts.js";

const { sharing } = await texts("sharing");
const { charts } = await texts("charts");
const { consents } = await texts("consents");
const { inbox } = await texts("inbox");
const { records } = await texts("records");
const { reach, roles, teams } = await texts("permissions");
const { spaces } = await texts("spaces");
const { sessions } = await texts("sessions");
const { caseloads } = await texts("caseloads");
const { settings } = await texts("settings");
const { viewers } = await texts("viewers");
const { words } = await texts("common");

setStage(async () => {
    stage.grace = await registerGrace(stage.cast);
    stage.note = await stage.cast.amara.writes(stage.grace.chart, "First visit", "Slept badly.");
});

const section = (page, name) =>
    page.locator("section, form").filter({ has: page.getByRole("heading", { name }) });

/** Opens a dialog's list and chooses somebody by name. */
const choose = (page, label, name) => page.getByLabel(label).selectOption({ label: name });

journey(
    "Dr Amara shares Grace's chart, and Dr Ben finds it",
    {},
    async ({ page, product, accessible, cast }) => {
        const at = `/app/clients/${stage.grace.client}/sharing`;
        await signIn(page, product, PEOPLE.amara, at);
        await page.getByRole("heading", { name: sharing.yours }).waitFor();
        await page.getByText(sharing.nobody).waitFor();
        await accessible("sharing-alone");
        await page.getByRole("button", { name: sharing.add, exact: true }).click();
        await page.getByRole("button", { name: sharing.addNow }).click();
        await page.getByText(sharing.addMissing).waitFor();
        await accessible("sharing-add");
        await choose(page, sharing.addWho, PEOPLE.ben.name);
        await page.getByRole("button", { name: sharing.addNow }).click();
        await page.getByRole("rowheader", { name: PEOPLE.ben.name }).waitFor();
        await page.getByText(sharing.readers).first().click();
        await page.locator("details[open] li").filter({ hasText: PEOPLE.ben.name }).waitFor();
        await accessible("sharing-with-ben");

        const mine = await cast.ben.all("/charts", "charts");
        assert.deepEqual(
            mine.map((one) => [one.id, one.relation]),
            [[stage.grace.chart, "read_only"]],
        );
        await page.getByRole("button", { name: sharing.changeOf(PEOPLE.ben.name) }).click();
        await page.getByLabel(sharing.access.approval).check();
        await page.getByRole("button", { name: words.save }).click();
        await page.getByRole("cell", { name: sharing.access.approval }).waitFor();
    },
);

journey(
    "Dr Ben writes under approval, and Dr Amara co-signs",
    {},
    async ({ page, product, accessible, cast }) => {
        const note = await cast.ben.writes(stage.grace.chart, "Second visit", "Slept better.");
        await signIn(page, product, PEOPLE.amara, "/app/inbox/cosignatures");
        await accessible("inbox-cosignatures");
        await page.getByRole("link", { name: `${inbox.cosignOpen}: Second visit` }).click();
        await page.getByText(records.toApprove).waitFor();
        await accessible("record-to-approve");
        await page.getByRole("button", { name: records.cosign }).click();
        await page.getByText(/Co-signed by/).waitFor();
        await accessible("record-cosigned");
        const read = await cast.ben.get(`/charts/${stage.grace.chart}/records/${note}`);
        assert.equal(read.cosignature.state, "given");
    },
);

journey("A mark makes the chart partially confidential", {}, async ({ page, product, accessible }) => {
    await signIn(page, product, PEOPLE.amara, `/app/charts/${stage.grace.chart}/records/${stage.note}`);
    await page.getByText(records.guard).click();
    await page.getByLabel(records.labels.substance_use).check();
    await page.locator("details[open]").getByRole("button", { name: words.save }).click();
    await page.getByText(records.confidential, { exact: true }).first().waitFor();
    await accessible("record-confidential");
    await page.goto(`/app/clients/${stage.grace.client}/sharing`);
    await page.getByText(sharing.confidentiality.partially_confidential).waitFor();
    await accessible("sharing-partially-confidential");
});

journey("Dr Ben leaves the chart", {}, async ({ page, product, accessible, cast }) => {
    await signIn(page, product, PEOPLE.ben, "/app/charts");
    await page.getByText(charts.relations.approval).waitFor();
    await accessible("charts");
    await page.getByRole("link", { name: /^Sharing/ }).click();
    await page.getByRole("button", { name: sharing.leave }).click();
    await accessible("sharing-leave");
    await page.getByRole("button", { name: sharing.leaveNow, exact: true }).click();
    await page.getByText(sharing.noChart, { exact: true }).waitFor();
    assert.deepEqual(await cast.ben.all("/charts", "charts"), []);
});

journey(
    "The circle of care gets the chart in one action",
    {},
    async ({ page, product, accessible, cast }) => {
        await signIn(page, product, PEOPLE.amara, `/app/clients/${stage.grace.client}/sharing`);
        await page.getByRole("button", { name: consents.record }).click();
        await page.getByLabel(consents.note).fill("My care team may see my chart, for my treatment.");
        await accessible("consent-record");
        await page.getByRole("button", { name: consents.save, exact: true }).click();
        await page.getByText("My care team may see my chart").waitFor();
        await page.getByRole("button", { name: consents.circleSet }).click();
        await choose(page.getByRole("dialog"), PEOPLE.ben.name, sharing.access.read_only);
        await accessible("circle-set");
        await page.getByRole("button", { name: words.save }).click();
        await page.getByRole("button", { name: consents.circleShare }).click();
        await page.getByRole("rowheader", { name: PEOPLE.ben.name }).waitFor();
        await accessible("circle-shared");
        await page.getByRole("button", { name: consents.withdraw }).click();
        await page.getByRole("dialog").getByRole("button", { name: consents.withdraw }).click();
        await page.getByText(sharing.nobody).waitFor();
        assert.deepEqual(await cast.ben.all("/charts", "charts"), []);
    },
);

journey("Nora ends a share of a chart that is not hers", {}, async ({ page, product, accessible, cast }) => {
    const { chart } = stage.grace;
    await cast.amara.post(`/charts/${chart}/grants`, {
        expected_revision: (await cast.amara.get(`/charts/${chart}`)).revision,
        grantee: { type: "member", id: cast.ben.memberId },
        access: "read_only",
    });
    await signIn(page, product, PEOPLE.nora, `/app/settings/members/${cast.ben.memberId}`);
    await page.getByRole("button", { name: reach.see }).click();
    await page.getByText(reach.which(1), { exact: true }).click();
    await page.getByRole("button", { name: reach.sharesOf(chart) }).click();
    await page.getByRole("button", { name: sharing.removeOf(PEOPLE.ben.name) }).waitFor();
    await accessible("settings-chart-shares");
    await page.getByRole("button", { name: sharing.removeOf(PEOPLE.ben.name) }).click();
    await page.getByRole("dialog").getByRole("button", { name: sharing.removeNow }).click();
    await page.getByText(sharing.nobody).waitFor();
    assert.deepEqual(await cast.ben.all("/charts", "charts"), []);
});

journey(
    "Nora makes a team and a role, and sees what a change would change",
    {},
    async ({ page, product, accessible, cast }) => {
        await signIn(page, product, PEOPLE.nora, "/app/settings");
        await page.getByLabel(teams.name).fill("Night team");
        await page.getByRole("button", { name: teams.create }).click();
        await page.getByText("Night team").first().click();
        await choose(page, teams.addWho("Night team"), PEOPLE.ben.name);
        await page.locator("details[open]").getByRole("button", { name: teams.add, exact: true }).click();
        await page.getByRole("button", { name: teams.removeOf(PEOPLE.ben.name, "Night team") }).waitFor();
        await accessible("settings-team");

        await page.getByRole("button", { name: roles.create }).click();
        await page.getByLabel(roles.name).fill("Trainee");
        await page.getByRole("dialog").getByRole("button", { name: words.save }).click();
        await page.getByRole("button", { name: roles.changeOf("Trainee") }).waitFor();
        await page.goto(`/app/settings/members/${cast.ben.memberId}`);
        await choose(page, roles.ofMember, "Trainee");
        const role = page.locator("form").filter({ has: page.getByLabel(roles.ofMember, { exact: true }) });
        await role.getByRole("button", { name: roles.preview }).click();
        await role.getByText(roles.previewSame.active(PEOPLE.ben.name)).waitFor();
        await role.getByRole("button", { name: roles.assign }).click();
        await page.getByText(roles.assigned).first().waitFor();
        await page.goto("/app/settings");
        await page.getByRole("button", { name: roles.changeOf("Trainee") }).click();
        const dialog = page.getByRole("dialog");
        await dialog
            .getByRole("checkbox", { name: settings.may(settings.verbs.delete, settings.types.data) })
            .uncheck();
        await dialog.getByRole("button", { name: roles.preview }).first().click();
        await dialog.getByText(roles.previewFor(PEOPLE.ben.name)).waitFor();
        await accessible("settings-role-preview");
        await dialog.getByRole("button", { name: words.save }).click();
        await dialog.waitFor({ state: "detached" });
        await page.getByText(roles.changes, { exact: true }).click();
        await page
            .getByRole("button", { name: /^Take back: .*Trainee/ })
            .first()
            .waitFor();
        await accessible("settings-changes");
    },
);

journey(
    "Dr Amara hands the chart over, and Dr Ben accepts it",
    {},
    async ({ page, product, accessible, cast }) => {
        await signIn(page, product, PEOPLE.amara, `/app/clients/${stage.grace.client}/sharing`);
        await page.getByRole("button", { name: sharing.transferStart }).click();
        await choose(page, sharing.transferTo, PEOPLE.ben.name);
        await page.getByLabel(sharing.sections.confidential_information).check();
        await page.getByLabel(sharing.transferCopy).check();
        await accessible("transfer");
        await page.getByRole("button", { name: sharing.transferNow }).click();
        await page.getByRole("button", { name: sharing.withdraw }).waitFor();
        await accessible("transfer-pending");

        const offers = await cast.ben.all("/transfers", "transfers");
        assert.equal(offers.length, 1);
        await page.context().clearCookies();
        await signIn(page, product, PEOPLE.ben, "/app/inbox/transfers");
        await page.getByRole("button", { name: inbox.offerAcceptNamed(PEOPLE.amara.name) }).waitFor();
        await accessible("inbox-transfers");
        await page.getByRole("button", { name: inbox.offerAcceptNamed(PEOPLE.amara.name) }).click();
        await page.getByText(inbox.offersNone).waitFor();
        await page.goto(`/app/clients/${stage.grace.client}/sharing`);
        await page.getByRole("heading", { name: sharing.yours }).waitFor();
        await page.getByText(sharing.passages).click();
        await page.getByText(new RegExp(`^${PEOPLE.amara.name} handed it to`)).waitFor();
        await accessible("passages");
        assert.equal((await cast.amara.get(`/charts/${stage.grace.chart}`)).relation, "former_owner");
    },
);

journey(
    "A coordinator sees how many charts there are, and no more",
    {},
    async ({ page, product, accessible, cast }) => {
        const sam = await cast.nora.get(`/members/${cast.sam.memberId}`);
        await cast.nora.put(`/members/${sam.member_id}/permissions`, {
            expected_revision: sam.revision,
            roles: ["staff", "coordinator"],
            permissions: sam.permissions,
        });
        await signIn(page, product, PEOPLE.sam, "/app/caseloads");
        await page.getByRole("link", { name: PEOPLE.ben.name }).waitFor();
        await accessible("caseloads");
        await page.getByRole("link", { name: PEOPLE.ben.name }).click();
        await page.getByRole("button", { name: caseloads.transferAll }).waitFor();
        await accessible("caseload");
    },
);

journey(
    "Colleagues share in a space that is not for recordkeeping",
    {},
    async ({ page, product, accessible, cast }) => {
        await signIn(page, product, PEOPLE.amara, "/app/spaces");
        await page.getByText(spaces.none).waitFor();
        await accessible("spaces-empty");
        await page.getByRole("button", { name: spaces.create }).click();
        await page.getByLabel(spaces.name, { exact: true }).fill("Grief group");
        await choose(page, spaces.subject, spaces.subjects("patient").group);
        await accessible("space-create");
        await page.getByRole("dialog").getByRole("button", { name: spaces.create }).click();
        await page.getByRole("heading", { name: "Grief group" }).waitFor();
        await page
            .getByText(/not for recordkeeping/i)
            .first()
            .waitFor();
        await choose(page, spaces.inviteWho, PEOPLE.ben.name);
        await page.getByRole("button", { name: spaces.invite, exact: true }).click();
        await page.getByText(spaces.write, { exact: true }).click();
        await page.getByLabel(spaces.noteTitle).fill("Room for Tuesday");
        await page.getByLabel(spaces.noteText).fill("Room 4 is free.");
        await page.getByRole("button", { name: spaces.noteAdd }).click();
        await page.getByRole("button", { name: spaces.openNamed("Room for Tuesday") }).click();
        await page.getByText("Room 4 is free.").waitFor();
        await accessible("space");

        await page.getByText(spaces.upload, { exact: true }).click();
        await page.locator("main input[type=file]").first().setInputFiles(photo("room-4.jpg"));
        const [{ id }] = await cast.amara.all("/spaces", "spaces");
        await until(async () => {
            const items = await cast.amara.all(`/spaces/${id}/items`, "items");
            return items.some((one) => one.document?.state === "available");
        }, "the document to be inspected");
        await page.reload();
        await page.getByRole("button", { name: spaces.showNamed("room-4.jpg") }).click();
        const picture = page.getByRole("img", { name: viewers.preview("room-4.jpg") });
        await picture.waitFor();
        assert.ok(await picture.evaluate((img) => img.decode().then(() => img.naturalWidth > 0)));
        await accessible("space-document");
        assert.equal((await cast.ben.all("/spaces", "spaces")).length, 1);

        await page.context().clearCookies();
        await signIn(page, product, PEOPLE.ben, "/app/inbox/notices");
        await page.getByText(inbox.noticeReasons.space_invitation(PEOPLE.amara.name)).waitFor();
        await accessible("inbox-notices");
    },
);

journey("Dr Ben plans a session, and its status follows", {}, async ({ page, product, accessible }) => {
    await signIn(page, product, PEOPLE.ben, `/app/clients/${stage.grace.client}/sessions`);
    await page.getByText(sessions.clientNone("patient")).waitFor();
    assert.equal(await page.getByRole("group", { name: sessions.overall }).count(), 0);
    await accessible("client-sessions-empty");
    await page.getByRole("link", { name: sessions.toSessions }).click();
    await page.getByText(sessions.none).waitFor();
    await accessible("sessions-empty");
    await page.getByRole("button", { name: sessions.create }).click();
    const chart = page.getByLabel(sessions.who);
    await chart.locator("option").nth(1).waitFor({ state: "attached" });
    await chart.selectOption({ index: 1 });
    await accessible("session-create");
    await page.getByRole("dialog").getByRole("button", { name: sessions.create }).click();
    await page.getByText(sessions.status.new, { exact: true }).waitFor();
    await accessible("session-new");
    await page.getByRole("button", { name: sessions.plan }).click();
    await page.getByLabel(sessions.when).fill("2031-03-01T09:30");
    await page.getByRole("button", { name: words.save }).click();
    await page.getByText(sessions.status.scheduled, { exact: true }).waitFor();
    await page.getByRole("button", { name: sessions.completeOf(sessions.items.who_5) }).click();
    await accessible("session-answers");
    await page.getByRole("button", { name: words.save }).click();
    await page.getByText(sessions.states.complete, { exact: true }).first().waitFor();
    await accessible("session");
});

journey(
    "Dr Ben finds Grace's session on her page, and corrects what is recorded",
    {},
    async ({ page, product, accessible }) => {
        await signIn(page, product, PEOPLE.ben, `/app/clients/${stage.grace.client}/sessions`);
        const underWay = page.getByRole("list", { name: sessions.active });
        await underWay.getByText(sessions.status.scheduled, { exact: true }).waitFor();
        const overall = page.getByRole("group", { name: sessions.overall });
        await overall.getByText(sessions.participantStatus.preparing, { exact: true }).waitFor();
        await accessible("client-sessions");
        await underWay.getByRole("link").click();
        await page.getByText(sessions.entriesOf(GRACE.full_name)).click();
        await page.getByText(sessions.inOrder).waitFor();
        await page.getByRole("button", { name: sessions.completeOf(sessions.items.who_5) }).click();
        await page.getByLabel(sessions.question(1), { exact: true }).fill("3");
        await page.getByLabel(sessions.whyAgain).fill("Question 1 was misheard.");
        await page.getByRole("button", { name: words.save }).click();
        await page.getByText(sessions.corrected, { exact: true }).waitFor();
        await page.getByText(sessions.correctedBecause("Question 1 was misheard.")).waitFor();
        await accessible("session-entries");
    },
);

journey(
    "Dr Ben plans with Dr Amara, assigns Grace to her, and moves Grace into their group",
    {},
    async ({ page, product, accessible, cast }) => {
        const [session] = await cast.ben.all("/facilitated-sessions", "sessions");
        const group = await cast.ben.post("/facilitated-sessions", {
            group: true,
            facilitators: [cast.amara.memberId],
        });
        await signIn(page, product, PEOPLE.ben, `/app/sessions/${session.id}`);
        const dialog = page.getByRole("dialog");
        await page.getByRole("button", { name: sessions.plan }).click();
        await dialog.getByLabel(PEOPLE.amara.name).check();
        await accessible("session-plan");
        await dialog.getByRole("button", { name: words.save }).click();
        await page.getByText(sessions.facilitatorIs(PEOPLE.ben.name)).waitFor();

        await page.getByRole("button", { name: sessions.assignOf(GRACE.full_name) }).click();
        await choose(dialog, sessions.facilitator, PEOPLE.amara.name);
        await accessible("session-assign");
        await dialog.getByRole("button", { name: sessions.assign, exact: true }).click();
        await page.getByText(sessions.facilitatorIs(PEOPLE.amara.name)).waitFor();

        await page.getByRole("button", { name: sessions.moveOf(GRACE.full_name) }).click();
        await dialog.getByRole("button", { name: sessions.move, exact: true }).click();
        await dialog.getByText(sessions.moveToMissing).waitFor();
        await accessible("session-move");
        const into = dialog.getByLabel(sessions.moveTo);
        await into.locator("option").nth(1).waitFor({ state: "attached" });
        await into.selectOption(group.id);
        await dialog.getByRole("button", { name: sessions.move, exact: true }).click();
        await page.waitForURL((url) => url.pathname === `/app/sessions/${group.id}`);
        await page.getByText(sessions.isGroup, { exact: true }).waitFor();
        await page.getByText(sessions.entriesOf(GRACE.full_name)).click();
        await page.getByText(sessions.corrected, { exact: true }).waitFor();
        await accessible("session-group");
        const hers = await cast.ben.all(`/clients/${stage.grace.client}/facilitated-sessions`, "sessions");
        assert.deepEqual(
            hers.map((one) => [one.facilitation_id, one.facilitator]),
            [[group.id, cast.amara.memberId]],
        );
        await page.goto(`/app/sessions/${session.id}`);
        await page.getByText(sessions.standings.moved, { exact: true }).waitFor();
        await accessible("session-left");
        await page.getByRole("link", { name: sessions.toMoved }).click();
        await page.waitForURL((url) => url.pathname === `/app/sessions/${group.id}`);
    },
);

journey("Dr Ben creates a session with Dr Amara, who is assigned at once", {}, async (at) => {
    const { page, product, accessible, cast } = at;
    await signIn(page, product, PEOPLE.ben, "/app/sessions");
    await page.getByRole("button", { name: sessions.create }).click();
    const dialog = page.getByRole("dialog");
    const chart = dialog.getByLabel(sessions.who);
    await chart.locator("option").nth(1).waitFor({ state: "attached" });
    await chart.selectOption({ index: 1 });
    await dialog.getByRole("checkbox", { name: PEOPLE.amara.name }).check();
    const facilitator = dialog.getByRole("combobox", { name: sessions.facilitator, exact: true });
    await facilitator.selectOption({ label: PEOPLE.amara.name });
    await accessible("session-create-together");
    await dialog.getByRole("button", { name: sessions.create }).click();
    await page.getByText(sessions.facilitatorIs(PEOPLE.amara.name)).waitFor();
    const made = await cast.ben.get(
        `/facilitated-sessions/${new URL(page.url()).pathname.split("/").at(-1)}`,
    );
    assert.deepEqual(made.facilitators.toSorted(), [cast.ben.memberId, cast.amara.memberId].toSorted());
    assert.equal(made.participants[0].facilitator, cast.amara.memberId);
});

journey("Nora sees the room of the service center", {}, async ({ page, product, accessible }) => {
    await signIn(page, product, PEOPLE.nora, "/app/center");
    await page.getByText(sessions.centerSessionsNone).waitFor();
    const license = section(page, sessions.license);
    await license.getByLabel(sessions.licenseNumber).fill("SC-0042");
    await license.getByLabel(sessions.licenseUntil).fill("2031-12-31");
    await license.getByRole("button", { name: words.save }).click();
    await page.getByText(sessions.licenseSaved).first().waitFor();
    await accessible("center");
});
