import { ensureCrashable, ensureInstalled } from "./setup.mjs";

// npm run test:crash -- [--kills N] [--seed S] [--short yes] [--only SCENARIO,SCENARIO] [--report FILE] [--docs FILE]
// Kills a real installation under load at every named point of the engine, in its owner and in a worker (--short:
// in one of them), then N times at random (storm); measures recovery, stops it in order (shutdown), and puts faults
// into its network, its PostgreSQL, its clock and its disk (network, postgres, disk). What is left is held against
// an outside ledger. --docs writes docs/reliability.md from it, where every scenario ran and every check held.
const options = readOptions(process.argv.slice(2));
await ensureInstalled();
await ensureCrashable();
const { runCrashTests } = await import("../e2e/crash/main.mjs");
process.exit((await runCrashTests(options)) ? 0 : 1);

function readOptions(args) {
  const given = {
    kills: "200",
    seed: `${Date.now() % 1_000_000}`,
    short: "no",
    only: undefined,
    report: undefined,
    docs: undefined,
  };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i].slice(2);
    if (!args[i].startsWith("--") || !(name in given) || args[i + 1] === undefined) {
      console.error(
        `no option with a value: ${args[i]}; there are --${Object.keys(given).join(" N --")} N`,
      );
      process.exit(2);
    }
    given[name] = args[i + 1];
  }
  const { kills, seed, short, only, report, docs } = given;
  return {
    kills: Number(kills),
    seed: Number(seed),
    everywhere: short !== "yes",
    only,
    report,
    docs,
  };
}
