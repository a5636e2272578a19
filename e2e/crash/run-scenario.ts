import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const SCRIPT = resolve(import.meta.dirname, "../../scripts/crash.mjs");

interface Kill {
  readonly kind: "point" | "random";
  readonly point?: string;
  readonly reached: boolean;
}

export interface Scenario {
  readonly checks: readonly { readonly name: string; readonly violations: readonly string[] }[];
  readonly measures?: Readonly<Record<string, number>>;
  readonly kills?: readonly Kill[];
  readonly faults?: readonly { readonly name: string; readonly recoveredMs: number }[];
}

/**
 * How long a test of a scenario may take: 50 to 100 s, and of the storm 220 s where a process takes 7 ms to start beside
 * other work: it waits for each named point to be come to.
 */
export const TEST_WITHIN_MS = 440_000;
/** Before the test itself is given up, which would not tell what the scenario had said. */
const WITHIN_MS = TEST_WITHIN_MS - 30_000;
/** To end its servers and their PostgreSQL, which are detached. */
const CLEANUP_MS = 15_000;

/** One scenario of the crash tests in its short form; the long one is `npm run test:crash`. */
export async function runScenario(name: string, kills = 0): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), "yard-crash-report-"));
  try {
    const report = join(folder, "report.json");
    const options = { kills, only: name, short: "yes", report };
    const argv = Object.entries(options).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    const child = spawn(process.execPath, [SCRIPT, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    const late = setTimeout(() => child.kill("SIGTERM"), WITHIN_MS);
    const dead = setTimeout(() => child.kill("SIGKILL"), WITHIN_MS + CLEANUP_MS);
    // Not its `close`: what it has left running would keep its pipes open.
    await new Promise((ended) => child.once("exit", ended));
    clearTimeout(late);
    clearTimeout(dead);
    // The seed and each kill: what it takes to see a failure again.
    console.log(output);
    if (!existsSync(report)) throw new Error(`${name} ended without a report:\n${output}`);
    return JSON.parse(readFileSync(report, "utf8"))[name];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The checks that did not hold. */
export const broken = ({ checks }: Scenario) =>
  checks.filter(({ violations }) => violations.length > 0);
