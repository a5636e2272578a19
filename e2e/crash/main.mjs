import { writeFileSync } from "node:fs";
import { runDisk } from "../faults/disk.mjs";
import { runNetwork } from "../faults/network.mjs";
import { runPostgres } from "../faults/postgres.mjs";
import { renderPage } from "../faults/table.mjs";
import { endWhenBrokenOff } from "./broken-off.mjs";
import { runRecovery } from "./recovery.mjs";
import { runShutdown } from "./shutdown.mjs";
import { runStorm } from "./storm.mjs";

const SCENARIOS = {
  storm: runStorm,
  recovery: runRecovery,
  shutdown: runShutdown,
  network: runNetwork,
  postgres: runPostgres,
  disk: runDisk,
};

/** Runs the scenarios one after the other, prints what happened, and says whether every check held. */
export async function runCrashTests({ kills, seed, everywhere, report, only, docs }) {
  endWhenBrokenOff();
  const chosen = only?.split(",") ?? Object.keys(SCENARIOS);
  console.log(`seed ${seed}, ${kills} kills at random after the named points`);
  const results = {};
  for (const name of chosen) {
    const startedAt = performance.now();
    const result = await SCENARIOS[name]({
      seed,
      kills,
      everywhere,
      tell: (one) => console.log(one.kind === "fault" ? faultLine(one) : killLine(one)),
    });
    results[name] = { ...result, seconds: Math.round((performance.now() - startedAt) / 100) / 10 };
    printResult(name, results[name]);
  }
  if (report !== undefined) writeFileSync(report, JSON.stringify({ seed, ...results }));
  if (docs !== undefined) writeFileSync(docs, renderPage({ seed, ...results }));
  const checks = Object.values(results).flatMap((result) => result.checks);
  const broken = checks.filter(({ violations }) => violations.length > 0).length;
  const unreached = (results.storm?.kills ?? []).filter((kill) => !kill.reached).length;
  console.log(`${checks.length - broken} of ${checks.length} checks held; seed ${seed}`);
  return broken === 0 && unreached === 0;
}

function faultLine({ name, recoveredMs, said }) {
  const more = said === undefined ? "" : `; who asked meanwhile was told: ${said}`;
  return `fault ${name}: at work again after ${recoveredMs} ms${more}`;
}

function killLine({ kind, name, point, nth, victim, reached, tookMs, recoveredMs }) {
  const where = point === undefined ? `${victim} at random` : `${point} (time ${nth})`;
  const verb = kind === "freeze" ? "frozen" : "killed";
  const how = reached ? `${verb} after ${tookMs} ms` : `NOT REACHED in ${tookMs} ms`;
  return `kill ${name.padEnd(10)} ${where}: ${how}, at work again after ${recoveredMs} ms`;
}

const MOST_SHOWN = 10;

function printResult(name, { checks, kills, faults: _, measures, seconds, ...numbers }) {
  if (kills !== undefined) printKills(kills);
  console.log(
    `${name}: ${seconds} s ${Object.entries(numbers)
      .map(([what, count]) => `${what} ${count}`)
      .join(", ")}`,
  );
  for (const [what, ms] of Object.entries(measures ?? {})) console.log(`  ${what}: ${ms} ms`);
  for (const { name: check, violations } of checks) {
    console.log(`  ${violations.length === 0 ? "held  " : "BROKEN"} ${check}`);
    for (const violation of violations.slice(0, MOST_SHOWN)) console.log(`         ${violation}`);
    if (violations.length > MOST_SHOWN)
      console.log(`         and ${violations.length - MOST_SHOWN} more`);
  }
}

function printKills(kills) {
  const table = new Map();
  for (const { kind, point, victim, reached, recoveredMs } of kills) {
    const where = `${point ?? victim}${kind === "freeze" ? " (frozen)" : ""}`;
    const row = table.get(where) ?? { killed: 0, recovered: 0, worstMs: 0 };
    table.set(where, row);
    row.killed += reached ? 1 : 0;
    row.recovered += reached ? 1 : 0;
    row.worstMs = Math.max(row.worstMs, recoveredMs);
  }
  for (const [where, { killed, recovered, worstMs }] of table)
    console.log(
      `  ${where.padEnd(26)} killed ${killed}, recovered ${recovered}, at most ${worstMs} ms`,
    );
}
