/** The product itself: the runner on a free port with a fresh data folder, stopped and cleaned up afterwards. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const HERE = import.meta.dirname;
const BINARY = process.env.STRONGROOM_BIN ?? resolve(HERE, "../../target/debug/strongroom");
const PORTAL = process.env.STRONGROOM_PORTAL ?? resolve(HERE, "../dist");
const START_MS = 60_000;
const STOP_MS = 10_000;

/** What must be there before anything can be tried, each with the command that makes it. */
function mustBeBuilt() {
    const wanted = [
        [BINARY, "cargo build --bin strongroom"],
        [join(PORTAL, "index.html"), "npm run build"],
        [join(PORTAL, "intake.html"), "npm run build"],
    ];
    for (const [path, command] of wanted) {
        if (!existsSync(path)) throw new Error(`${path} is missing: run \`${command}\``);
    }
}

/** Starts the product; gives its address, the demo people's password, and the way to stop it. */
export async function startProduct() {
    mustBeBuilt();
    const data = await mkdtemp(join(tmpdir(), "strongroom-journey-"));
    const runner = spawn(BINARY, ["--port", "0", "--data", data, "--portal", PORTAL], {
        stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise((resolve) => runner.once("close", resolve));
    // Ends with this process, also where a test runs out of time.
    const kill = () => runner.kill("SIGKILL");
    process.once("exit", kill);
    let said = "";
    const remember = (chunk) => (said = (said + chunk).slice(-20_000));
    runner.stderr.on("data", remember);
    const welcome = new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`it does not start:\n${said}`)), START_MS);
        runner.once("error", reject);
        runner.once("close", (code) => reject(new Error(`it ended with ${code}:\n${said}`)));
        runner.stdout.on("data", (chunk) => {
            remember(chunk);
            const origin = /address\s+(http:\/\/\S+)/.exec(said)?.[1];
            const password = /with the password (\S+)/.exec(said)?.[1];
            if (!origin || !password) return;
            clearTimeout(late);
            resolve({ origin, password });
        });
    });
    const stop = async () => {
        process.off("exit", kill);
        const forced = setTimeout(kill, STOP_MS);
        runner.kill("SIGINT");
        await ended;
        clearTimeout(forced);
        await rm(data, { recursive: true, force: true });
    };
    try {
        return { ...(await welcome), stop };
    } catch (error) {
        await stop();
        throw error;
    }
}
