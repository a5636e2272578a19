import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CHECKS } from "./checks.mjs";
import { createClient } from "./client.mjs";
import { readEnd } from "./final.mjs";
import { createInstallation } from "./installation.mjs";
import { readLedger, readSums } from "./ledger.mjs";
import { createLoad } from "./load.mjs";
import { errorLines, lastLines } from "./logs.mjs";
import { createRandom } from "./random.mjs";
import { until } from "./waiting.mjs";

const MAIN = join(import.meta.dirname, "../../packages/server/dist/yard-server.mjs");
const ROLES = "api,scheduler,worker";
const GRACE = "1s";
/** Above the grace: ending what is left, flushing, stopping PostgreSQL. */
const STOPPED_WITHIN_MS = 8_000;
const FEW = ["SIGTERM", "SIGINT"];
const MANY = Array.from({ length: 12 }, (_, i) => FEW[i % 2]);
const BUSY_MS = 700;

/** The product itself is asked to stop while it is busy, then started again: nothing is left behind, nothing is lost. */
export async function runShutdown({ seed, everywhere }) {
  const installation = await createInstallation({ processes: 6 });
  const stop = new AbortController();
  const violations = { stop: [], left: [] };
  const measures = {};
  const start = () =>
    installation.start("main", {
      roles: ROLES,
      entry: MAIN,
      settings: { YARD_SHUTDOWN_GRACE: GRACE },
    });
  try {
    let server = start();
    const client = createClient(installation.url, stop.signal);
    const load = createLoad(client, createRandom(seed), installation);
    const long = new Set();
    const signals = everywhere ? MANY : FEW;
    for (const [nth, signal] of signals.entries()) {
      await server.ready;
      // Longer than the grace: broken off, and given out again. A third loss in a row would fail it.
      if (nth >= signals.length - 2) long.add(await startLong(installation, client, nth));
      await pause(BUSY_MS);
      measures[`stopped by ${signal} after`] = await stopOnce(
        installation,
        server,
        signal,
        violations,
      );
      server = start();
    }
    await server.ready;
    await load.stop();
    const database = await installation.database();
    const end = await readEnd(client, database, load).finally(() => database.close());
    const brokenOff = [...long].map((id) => end.runs.get(id));
    for (const id of long) end.runs.delete(id);
    measures["stopped when idle after"] = await stopOnce(
      installation,
      server,
      "SIGTERM",
      violations,
    );
    const ledger = readLedger(installation.ledgerPath).filter(({ run }) => !long.has(run));
    const sums = readSums(installation.ledgerPath);
    return {
      measures,
      runs: end.runs.size,
      checks: [
        { name: "a stop ends with 0 in time", violations: violations.stop },
        { name: "a stop leaves nothing running", violations: violations.left },
        { name: "what was broken off runs again", violations: brokenOff.flatMap(againProblems) },
        ...Object.entries(CHECKS).map(([name, check]) => ({
          name: `over stops, ${name}`,
          violations: check({ load, end, ledger, sums }),
        })),
        { name: "no error was logged", violations: errorLines(installation.programs) },
      ],
    };
  } catch (error) {
    error.message += `\n${lastLines(installation.programs).join("\n")}`;
    throw error;
  } finally {
    stop.abort();
    await installation.remove();
  }
}

async function startLong({ ledgerPath }, client, nth) {
  const { id } = (await client.startRun("crash.hold", { hold: "4" }, `long ${nth}`)).body;
  await until("the long attempt runs", () =>
    readLedger(ledgerPath).some(({ kind, run }) => kind === "S" && run === id),
  );
  return id;
}

async function stopOnce(installation, server, signal, violations) {
  const since = performance.now();
  server.kill(signal);
  const { code, signal: by, at } = await server.ended;
  const ms = Math.round(at - since);
  if (code !== 0) violations.stop.push(`after ${signal} it ended with ${code ?? by}`);
  if (ms > STOPPED_WITHIN_MS) violations.stop.push(`after ${signal} it took ${ms} ms`);
  const left = [...installation.leftWork(), installation.leftPostgres()].filter((one) => one);
  violations.left.push(
    ...left.map(({ pid, command }) => `after ${signal}: ${pid} ${command.replaceAll("\0", " ")}`),
  );
  return ms;
}

function againProblems(run) {
  const attempts = run?.steps[0].attempts ?? [];
  const before = attempts.slice(0, -1);
  const right =
    run?.record.status === "success" &&
    before.length > 0 &&
    before.every(({ status }) => status === "lost");
  return right ? [] : [`${run?.record.status}: ${attempts.map(({ status }) => status).join()}`];
}
