/** The frame: the front page, signing in and out, where one may go, and being away for too long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CLINIC, PEOPLE } from "./clinic.js";
import { fillSignIn, journey, setStage, signIn, stage } from "./journey.js";
import { texts } from "./texts.js";

const { shell } = await texts("shell");
const { register } = await texts("clients");

setStage();

/** What each directive of the policy must say; the pages have nothing else. */
const POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "frame-src": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "svelte-trusted-html default",
};

for (const path of ["/", "/intake", "/app/clients", "/signed-in"]) {
    test(`${path} is served under the strict policy, and without inline script or style`, async () => {
        const answer = await fetch(stage.product.origin + path);
        assert.equal(answer.status, 200);
        const directives = answer.headers.get("content-security-policy").split(/;\s*/);
        const told = directives.map((directive) => {
            const [name, ...values] = directive.trim().split(/\s+/);
            return [name, values.join(" ")];
        });
        assert.deepEqual(Object.fromEntries(told), POLICY);
        assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
        assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
        assert.equal(answer.headers.get("x-frame-options"), "DENY");
        const html = await answer.text();
        assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=/i);
        const outside = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
        assert.deepEqual(
            outside.filter((address) => !address.startsWith("/")),
            [],
            "everything is of this origin",
        );
    });
}

journey("The front page says what this is and lets people sign in", {}, async ({ page, accessible }) => {
    await page.goto("/");
    await page.getByRole("heading", { name: shell.welcome }).waitFor();
    await accessible("front");
    await page.getByRole("button", { name: shell.signIn }).click();
    await page.getByLabel("Username or e-mail address").waitFor();
});

journey("The front page fits a phone", { kind: "phone" }, async ({ page, accessible }) => {
    await page.goto("/");
    await page.getByRole("heading", { name: shell.welcome }).waitFor();
    await accessible("front-phone");
});

/** The rooms that each role sees, in their order. */
const ROOMS = {
    administrator: [
        shell.folders,
        shell.audit,
        shell.retention,
        shell.spaces,
        shell.inbox,
        shell.center,
        shell.settings,
    ],
    practitioner: [
        "Patients",
        shell.charts,
        shell.add,
        shell.inbox,
        shell.sessions,
        shell.folders,
        shell.retention,
        shell.spaces,
    ],
    staff: ["Patients", shell.folders, shell.retention, shell.spaces, shell.inbox],
    auditor: [shell.audit, shell.retention, shell.spaces, shell.inbox],
};

for (const person of [PEOPLE.nora, PEOPLE.amara, PEOPLE.sam, PEOPLE.ada]) {
    const role = shell.roles[person.role].toLowerCase();
    journey(`${person.name} signs in and sees the rooms of the role: ${role}`, {}, async (at) => {
        const { page, product, accessible } = at;
        await page.goto("/");
        await page.getByRole("button", { name: shell.signIn }).click();
        await fillSignIn(page, person, product.password);
        const rooms = page.getByRole("navigation", { name: shell.navigation });
        await rooms.waitFor();
        assert.deepEqual(await rooms.getByRole("link").allInnerTexts(), ROOMS[person.role]);
        await page.locator("main h1").first().waitFor();
        await rooms.locator("[aria-current=page]").waitFor();
        await page.locator("details.who summary").filter({ hasText: person.name }).click();
        const who = page.locator("details.who");
        await who.getByText(CLINIC).waitFor();
        await who.getByText(shell.roles[person.role], { exact: true }).waitFor();
        await accessible(`frame-${person.role}`);
        assert.equal(await page.locator("h1").count(), 1, "one heading of the first order");
        const address = new URL(page.url());
        assert.equal(address.search, "", "no code of the sign-in is left in the address");
        const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
        assert.doesNotMatch(kept, /eyJ/, "no token is kept in the browser");
    });
}

journey("A reload goes on where the person was, without another password", {}, async (at) => {
    const { page, product } = at;
    await signIn(page, product, PEOPLE.sam, "/app/folders");
    await page.reload();
    await page.getByRole("navigation", { name: shell.navigation }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/app/folders");
});

journey("A wrong password gets nobody in, and says so", {}, async ({ page, watch }) => {
    watch.expects(/^4\d\d: POST .*\/identity\/sign-in/);
    await page.goto("/app/clients");
    await fillSignIn(page, PEOPLE.sam, "not-the-password");
    await page.getByRole("alert").waitFor();
    assert.match(page.url(), /\/identity\//);
});

journey("A wrong address says so and leads back", {}, async ({ page, product, accessible }) => {
    await page.goto("/app/nowhere/at/all");
    await fillSignIn(page, PEOPLE.sam, product.password);
    await page.getByRole("heading", { level: 1, name: shell.notFound }).waitFor();
    await accessible("frame-not-found");
    await page.getByRole("link", { name: shell.toStart }).click();
    await page.waitForURL("**/app/clients");
});

journey(
    "The keyboard alone gets to the content and to every room",
    {},
    async ({ page, product, accessible }) => {
        await signIn(page, product, PEOPLE.amara);
        await page.locator("body").press("Tab");
        const skip = page.getByRole("link", { name: shell.skip });
        if (!(await skip.evaluate((link) => link === document.activeElement))) await skip.focus();
        await page.keyboard.press("Enter");
        assert.equal(await page.evaluate(() => document.activeElement?.id), "content");
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: shell.hotkeys }).waitFor();
        await accessible("frame-shortcuts");
        await page.keyboard.press("Escape");
        await page.keyboard.press("i");
        await page.waitForURL("**/app/inbox");
        await page.keyboard.press("a");
        await page.waitForURL("**/app/add");
    },
);

journey("Back and signing out ask before what is typed is lost", {}, async ({ page, product }) => {
    await signIn(page, product, PEOPLE.sam, "/app/clients");
    await page
        .getByRole("link", { name: register.title("patient") })
        .first()
        .click();
    const name = page.getByLabel(register.fullName);
    await name.fill("Ida Marsh");
    /** What is asked when something is done, which is answered. */
    const asked = async (does, answer) => {
        const question = new Promise((resolve) => {
            page.once("dialog", async (dialog) => {
                await dialog[answer]();
                resolve(dialog.message());
            });
        });
        await does();
        assert.equal(await question, register.leave);
    };
    const goesBack = () => page.evaluate(() => history.back());
    await asked(goesBack, "dismiss");
    await page.waitForURL("**/app/clients/new");
    assert.equal(await name.inputValue(), "Ida Marsh");
    await page.locator("details.who summary").click();
    await asked(() => page.getByRole("button", { name: shell.signOut }).click(), "dismiss");
    assert.equal(await name.inputValue(), "Ida Marsh");
    await asked(goesBack, "accept");
    await page.waitForURL("**/app/clients");
    await page.getByRole("heading", { level: 1, name: "Patients" }).waitFor();
});

journey("The chosen colours stay after a reload", {}, async ({ page, product }) => {
    await signIn(page, product, PEOPLE.sam);
    await page.locator("details.who summary").click();
    await page.getByLabel(shell.theme).selectOption("dark");
    await page.reload();
    await page.getByRole("navigation", { name: shell.navigation }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
});

journey("Who signs out is out, here and at the sign-in service", {}, async ({ page, product }) => {
    await signIn(page, product, PEOPLE.sam);
    await page.locator("details.who summary").click();
    await page.getByRole("button", { name: shell.signOut }).click();
    await page.getByRole("heading", { name: shell.welcome }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/");
    await page.goto("/app/clients");
    await page.getByLabel("Password").waitFor();
});

journey("Who goes away is warned, may stay, and is signed out in the end", {}, async (at) => {
    const { page, product, cast, accessible } = at;
    const minutes = 5;
    await cast.nora.setsPolicy({ idle_minutes: minutes });
    await page.clock.install();
    await signIn(page, product, PEOPLE.sam);
    const question = page.getByRole("dialog", { name: shell.stillThere });
    await page.clock.fastForward((minutes - 2) * 60_000);
    assert.equal(await question.count(), 0, "nobody is asked too early");
    await page.clock.fastForward(75_000);
    await question.waitFor();
    await accessible("frame-idle");
    await question.getByRole("button", { name: shell.staySignedIn }).click();
    await question.waitFor({ state: "detached" });
    await page.clock.fastForward((minutes - 1) * 60_000 + 15_000);
    await question.waitFor();
    await page.clock.fastForward(60_000);
    await page.getByText(shell.idledOut).waitFor();
    await accessible("front-idled-out");
    await page.goto("/app/clients");
    await page.getByLabel("Password").waitFor();
});

journey(
    "With the shortest allowed idle time people can work, and are signed out after it",
    {},
    async (at) => {
        const { page, product, cast } = at;
        await cast.nora.setsPolicy({ idle_minutes: 1 });
        await page.clock.install();
        await signIn(page, product, PEOPLE.sam);
        const question = page.getByRole("dialog", { name: shell.stillThere });
        await page.clock.fastForward(5_000);
        assert.equal(
            await question.count(),
            0,
            "nobody who has just signed in is asked whether they are there",
        );
        await page.clock.fastForward(50_000);
        await question.waitFor();
        await page.clock.fastForward(10_000);
        await page.getByText(shell.idledOut).waitFor();
        await cast.nora.setsPolicy({ idle_minutes: 15 });
    },
);

journey("When nothing answers, the page says what happened and tries again", {}, async (at) => {
    const { page, product, watch, accessible } = at;
    watch.expects(/failed: GET .*\/me /);
    await page.route("**/me", (route) => route.abort("failed"));
    await page.goto("/app/clients");
    await fillSignIn(page, PEOPLE.sam, product.password);
    await page.getByRole("heading", { name: shell.broken }).waitFor();
    await accessible("frame-broken");
    await page.unroute("**/me");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("navigation", { name: shell.navigation }).waitFor();
});
