/** A hundred files at once: each has its own result, and none is lost. */
import assert from "node:assert/strict";
import { PEOPLE, registerGrace } from "./clinic.js";
import { letter, malware } from "./files.js";
import { until } from "./actor.js";
import { journey, setStage, signIn } from "./journey.js";
import { texts } from "./texts.js";

const { add } = await texts("add");

setStage();

const HOSTILE = "page-042.txt";
const EMPTY = "page-077.txt";
const FILES = Array.from({ length: 100 }, (_, index) => {
    const name = `page-${String(index + 1).padStart(3, "0")}.txt`;
    if (name === HOSTILE) return malware(name);
    return letter(name, name === EMPTY ? "" : `Page ${index + 1} of the old chart.\n`);
});

/** Drops the files on the page, as from a folder's window. */
async function drop(page, target, files) {
    const told = files.map(({ name, mimeType, buffer }) => [name, mimeType, buffer.toString("base64")]);
    const transfer = await page.evaluateHandle((all) => {
        const data = new DataTransfer();
        for (const [name, type, base64] of all) {
            const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
            data.items.add(new File([bytes], name, { type }));
        }
        return data;
    }, told);
    for (const type of ["dragenter", "dragover", "drop"]) {
        await target.dispatchEvent(type, { dataTransfer: transfer });
    }
}

journey(
    "A hundred files are dropped, one of them hostile and one empty",
    { timeout: 400_000 },
    async (at) => {
        const { page, product, cast, accessible } = at;
        const { client, chart } = await registerGrace(cast);
        await signIn(page, product, PEOPLE.amara, `/app/add?client=${client}`);
        await page.getByRole("radio", { name: add.types.file.name }).check();
        await drop(page, page.getByText(add.drop).first(), FILES);
        await page.getByText(add.empty(EMPTY)).waitFor();
        const send = page.getByRole("button", { name: /^Add 99 files/ });
        await send.waitFor();
        await accessible("batch-chosen");
        await send.click();
        await page
            .getByText(add.allAdded(99))
            .or(page.getByText(add.counted(99, 99)))
            .first()
            .waitFor({ timeout: 240_000 });

        const records = await until(async () => {
            const all = await cast.amara.all(`/charts/${chart}/records`, "records");
            return all.length === 99 && all.every((one) => one.status !== "inspecting") && all;
        }, "99 inspected records");
        const byName = new Map(records.map((one) => [one.file.file_name, one]));
        for (const { name } of FILES.filter((file) => file.name !== EMPTY)) {
            const status = name === HOSTILE ? "quarantined" : "available";
            assert.equal(byName.get(name)?.status, status, name);
        }
        // On the screen each has its own result, too.
        await page.getByText(add.held).first().waitFor({ timeout: 60_000 });
        const main = await page.getByRole("main").innerText();
        const names = FILES.map(({ name }) => name.replace(".txt", ""));
        const untold = names.filter((name) => !main.includes(name));
        assert.deepEqual(untold, [], "every file that was dropped is told of, the empty one too");
        assert.equal(await page.getByText(add.held).count(), 1, "one is held back");
        await accessible("batch-added");
    },
);
