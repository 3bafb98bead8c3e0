/** The words of the pages, from where the pages have them: `src/texts`, translated to what Node runs. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import typescript from "typescript";

const SOURCE = resolve(import.meta.dirname, "../src/texts");
const folder = mkdtempSync(join(tmpdir(), "strongroom-texts-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

for (const name of readdirSync(SOURCE)) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
    const { outputText } = typescript.transpileModule(readFileSync(join(SOURCE, name), "utf8"), {
        compilerOptions: { module: "ESNext", target: "ES2023", verbatimModuleSyntax: true },
    });
    const script = outputText.replace(/(from\s+["']\.\/[\w-]+)(["'])/g, "$1.mjs$2");
    writeFileSync(join(folder, name.replace(/\.ts$/, ".mjs")), script);
}

/** Everything an area's file exports. */
export const texts = (area) => import(pathToFileURL(join(folder, `${area}.mjs`)).href);
