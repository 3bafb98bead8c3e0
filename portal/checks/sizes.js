/** How much script a first visit loads, against what each page may: `npm run sizes`. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { parseAst } from "vite";

const DIST = resolve(process.env.STRONGROOM_PORTAL ?? join(import.meta.dirname, "../dist"));
/** Compressed bytes of all script that runs before somebody does anything. */
const PAGES = [
    { page: "intake.html", whose: "patient", budget: 20_000 },
    { page: "index.html", whose: "staff", budget: 60_000 },
];

/** The scripts that a page asks for itself: its own, and those it has the browser fetch ahead. */
function scriptsOf(page) {
    const html = readFileSync(join(DIST, page), "utf8");
    const own = [...html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"/g)];
    const ahead = [...html.matchAll(/<link\b[^>]*\brel="modulepreload"[^>]*\bhref="([^"]+)"/g)];
    return [...own, ...ahead].map(([, address]) => join(DIST, address));
}

/** What a script imports before it runs; `import()` comes later, when it is needed. */
function importsOf(script) {
    const program = parseAst(readFileSync(script, "utf8"));
    const statements = program.body.filter((statement) => statement.source);
    return statements.map((statement) => {
        const from = statement.source.value;
        return from.startsWith("/") ? join(DIST, from) : resolve(dirname(script), from);
    });
}

function firstLoad(page) {
    const found = new Set();
    const waiting = scriptsOf(page);
    for (let script = waiting.pop(); script; script = waiting.pop()) {
        if (found.has(script)) continue;
        found.add(script);
        waiting.push(...importsOf(script));
    }
    return [...found];
}

if (!existsSync(DIST)) {
    console.error(`${DIST} is missing: run \`npm run build\``);
    process.exit(1);
}

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
let isOver = false;
for (const { page, whose, budget } of PAGES) {
    const scripts = firstLoad(page);
    const bytes = scripts.reduce((sum, script) => sum + gzipSync(readFileSync(script)).length, 0);
    if (!scripts.length) console.error(`${page} asks for no script: is this the built page?`);
    isOver ||= bytes > budget || !scripts.length;
    const verdict = bytes > budget ? `TOO MUCH, by ${kb(bytes - budget)}` : "ok";
    const count = `${scripts.length} ${scripts.length === 1 ? "script" : "scripts"}`;
    console.log(
        `${whose.padEnd(8)} ${kb(bytes).padStart(9)} of ${kb(budget)} compressed, ${count}: ${verdict}`,
    );
}
process.exit(isOver ? 1 : 0);
