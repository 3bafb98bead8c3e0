/** Whether everything that reaches a browser may: the licences of the packages in the pages, `npm run licences`. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const SOURCE = join(ROOT, "src");
const IMPORT = /\b(?:from|import)\s*\(?\s*["']((?:@[\w-]+\/)?[a-z][\w-]*)(?:\/[^"']*)?["']/g;
/** What the pages import; what these stand on is found from here, also where the bundler leaves some of it out. */
const IMPORTED = ["svelte", "openapi-fetch", "oauth4webapi", "pdfjs-dist", "daikon", "uqr"];
const ALLOWED = new Set([
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unlicense",
    "Zlib",
]);
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Where a package is installed, as seen from another. */
function installed(name, from) {
    for (let folder = from; ; folder = dirname(folder)) {
        const found = join(folder, "node_modules", name);
        if (existsSync(join(found, "package.json"))) return found;
        if (folder === ROOT || dirname(folder) === folder) return undefined;
    }
}

function licenceOf(manifest) {
    const told = manifest.license ?? manifest.licenses;
    if (typeof told === "string") return told;
    const all = Array.isArray(told) ? told : told ? [told] : [];
    return all.map((one) => one.type ?? one).join(" OR ");
}

/** An SPDX expression: of alternatives one must be allowed, of a combination all. */
function isAllowed(expression) {
    const plain = expression.replaceAll(/[()]/g, " ");
    const all = (part) => part.split(/\s+AND\s+/i).every((one) => ALLOWED.has(one.trim()));
    return plain.split(/\s+OR\s+/i).some(all);
}

const found = new Map();
const waiting = IMPORTED.map((name) => ({ name, from: ROOT, needed: true }));
const problems = [];
for (let next = waiting.pop(); next; next = waiting.pop()) {
    const folder = installed(next.name, next.from);
    if (!folder) {
        if (next.needed) problems.push(`${next.name} is not installed: run \`npm ci\``);
        continue;
    }
    if (found.has(folder)) continue;
    const manifest = read(join(folder, "package.json"));
    const licence = licenceOf(manifest);
    found.set(folder, `${manifest.name} ${manifest.version}: ${licence}`);
    if (!isAllowed(licence)) problems.push(`${manifest.name} ${manifest.version} is licensed “${licence}”`);
    for (const name of Object.keys(manifest.dependencies ?? {})) {
        waiting.push({ name, from: folder, needed: true });
    }
    for (const name of Object.keys(manifest.optionalDependencies ?? {})) {
        waiting.push({ name, from: folder, needed: false });
    }
}

/** What the pages import and nobody has thought of here. */
function unthoughtOf() {
    const names = new Set();
    for (const file of readdirSync(SOURCE, { recursive: true })) {
        if (!/\.(ts|svelte)$/.test(file) || /\.(test|d)\.ts$/.test(file)) continue;
        const text = readFileSync(join(SOURCE, file), "utf8");
        for (const [, name] of text.matchAll(IMPORT)) names.add(name);
    }
    return [...names].filter((name) => !IMPORTED.includes(name));
}
for (const name of unthoughtOf()) problems.push(`${name} is imported in src/ and not listed in this check`);

if (process.argv.includes("--list")) console.log([...found.values()].sort().join("\n"));
for (const problem of problems) console.error(problem);
console.log(
    `${found.size} packages in the pages, ${problems.length} of them with a licence they must not have`,
);
process.exit(problems.length ? 1 : 0);
