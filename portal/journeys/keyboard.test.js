/** A record is added by keyboard alone, in no more than six interactions (R008). */
import assert from "node:assert/strict";
import { PEOPLE, registerGrace } from "./clinic.js";
import { journey, setStage, signIn } from "./journey.js";
import { texts } from "./texts.js";

const { add } = await texts("add");

setStage();

/**
 * Counts interactions as R008 names them: one is one control that a person has to give something to – choosing the
 * client, choosing the type, filling in a field, pressing submit. Moving from one to the next (Tab, arrows) and the
 * keys typed into one are part of it; what is filled in already, and may be left as it is, is none.
 */
class Keyboard {
    interactions = [];

    constructor(page) {
        this.page = page;
    }

    /** Where the focus is, in words. */
    focused = () =>
        this.page.evaluate(() => {
            const at = document.activeElement;
            const label = at?.labels?.[0]?.innerText ?? at?.getAttribute("aria-label") ?? at?.innerText ?? "";
            return `${at?.tagName.toLowerCase()} ${label.trim().split("\n")[0]}`;
        });

    /** Moves on until the focus is on this; a screen that hides it behind many stops is a trap. */
    async reach(locator, most = 15) {
        await locator.waitFor();
        const isThere = () =>
            locator.evaluate((one) => one === document.activeElement || one.contains(document.activeElement));
        for (let steps = 0; steps <= most; steps++) {
            if (await isThere()) return;
            await this.page.keyboard.press("Tab");
        }
        throw new Error(`not reached within ${most} steps; the focus is on ${await this.focused()}`);
    }

    async interact(what, act) {
        this.interactions.push(what);
        await act();
    }
}

journey("Dr Amara adds a signed note with six interactions and no mouse", {}, async (at) => {
    const { page, product, cast, t } = at;
    const { chart } = await registerGrace(cast);
    await signIn(page, product, PEOPLE.amara);
    // Whatever is clicked from here on did not come from the keyboard.
    await page.evaluate(() => {
        window.pointed = 0;
        addEventListener("pointerdown", () => window.pointed++, true);
    });
    const keyboard = new Keyboard(page);
    const { keyboard: keys } = page;

    await keyboard.interact("go to “Add record”", () => keys.press("a"));
    const box = page.getByRole("combobox", { name: add.search }).or(page.getByLabel(add.search)).first();
    await keyboard.interact("choose the client", async () => {
        await keyboard.reach(box);
        await keys.type("okafor gr");
        await page.getByRole("main").getByRole("option").first().waitFor();
        await keys.press("ArrowDown");
        await keys.press("Enter");
    });
    await keyboard.interact("choose the type", async () => {
        const note = page.getByRole("radio", { name: add.types.note.name });
        await keyboard.reach(page.getByRole("radio").first().locator("xpath=ancestor::fieldset"), 10);
        if (!(await note.isChecked())) await keys.press("Space");
        assert.ok(await note.isChecked());
    });
    await keyboard.interact("fill in the title", async () => {
        await keyboard.reach(page.getByLabel(add.recordTitle));
        await keys.type("First visit");
    });
    await keyboard.interact("fill in the text", async () => {
        await keyboard.reach(page.getByLabel(add.text, { exact: true }));
        await keys.type("Dry cough for three weeks.");
    });
    await keyboard.interact("submit", async () => {
        await keyboard.reach(page.getByRole("button", { name: add.sign, exact: true }));
        await keys.press("Enter");
    });
    // The seconds in which it can be taken back pass by themselves.
    await page.getByRole("heading", { name: add.noteSigned("First visit") }).waitFor({ timeout: 20_000 });
    t.diagnostic(`${keyboard.interactions.length} interactions: ${keyboard.interactions.join(", ")}`);
    assert.ok(keyboard.interactions.length <= 6);
    assert.equal(await page.evaluate(() => window.pointed), 0, "no mouse");
    assert.match(await keyboard.focused(), /First visit/, "the focus is on what has been added");
    const records = await cast.amara.all(`/charts/${chart}/records`, "records");
    assert.deepEqual(
        records.map((one) => [one.title, one.status]),
        [["First visit", "signed"]],
    );
});
