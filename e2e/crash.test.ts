import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, test } from "vitest";

const SCRIPT = resolve(import.meta.dirname, "../scripts/crash.mjs");
const WITHIN_MS = 240_000;
const KILLS = 12;

interface Kill {
  readonly kind: "point" | "random";
  readonly point?: string;
  readonly reached: boolean;
}

interface Scenario {
  readonly checks: readonly { readonly name: string; readonly violations: readonly string[] }[];
  readonly measures?: Readonly<Record<string, number>>;
  readonly kills?: readonly Kill[];
}

/** One scenario of the crash tests in its short form; the long one is `npm run test:crash`. */
async function runScenario(name: string): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), "yard-crash-report-"));
  try {
    const report = join(folder, "report.json");
    const options = { kills: KILLS, only: name, short: "yes", report };
    const argv = Object.entries(options).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    const child = spawn(process.execPath, [SCRIPT, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    await new Promise((ended) => child.once("close", ended));
    // The seed and each kill: what it takes to see a failure again.
    console.log(output);
    return JSON.parse(readFileSync(report, "utf8"))[name];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const broken = ({ checks }: Scenario) => checks.filter(({ violations }) => violations.length > 0);

// They need processes in /proc, and locks that the kernel frees.
describe.skipIf(process.platform !== "linux")("real processes, killed under load,", () => {
  // By itself: it measures time.
  test(
    "run again within 10 s, and a worker that comes back from a freeze gives up what is not its own",
    async ({ expect }) => {
      const recovery = await runScenario("recovery");
      expect(broken(recovery)).toEqual([]);
      for (const ms of Object.values(recovery.measures ?? {})) expect(ms).toBeLessThan(10_000);
    },
    WITHIN_MS,
  );

  test.concurrent(
    "at every named point and at random, lose nothing, do nothing twice and break no limit",
    async ({ expect }) => {
      const storm = await runScenario("storm");
      expect(broken(storm)).toEqual([]);
      expect(storm.kills?.filter((kill) => !kill.reached)).toEqual([]);
      expect(storm.kills?.filter((kill) => kill.kind === "random")).toHaveLength(KILLS);
    },
    WITHIN_MS,
  );

  test.concurrent(
    "stop in order on SIGTERM and Ctrl-C, leave nothing behind and go on at the next start",
    async ({ expect }) => {
      expect(broken(await runScenario("shutdown"))).toEqual([]);
    },
    WITHIN_MS,
  );
});
