import { ensureBuilt, ensureInstalled } from "./setup.mjs";

// npm run test:crash -- [--kills N] [--seed S] [--short yes] [--only storm,recovery,shutdown] [--report FILE]
// Kills a real installation under load at every named point of the engine, in its owner and in a worker (--short:
// in one of them), then N times at random, and holds what is left against an outside ledger.
const options = readOptions(process.argv.slice(2));
await ensureInstalled();
await ensureBuilt();
const { runCrashTests } = await import("../e2e/crash/main.mjs");
process.exit((await runCrashTests(options)) ? 0 : 1);

function readOptions(args) {
  const given = {
    kills: "60",
    seed: `${Date.now() % 1_000_000}`,
    short: "no",
    only: undefined,
    report: undefined,
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
  const { kills, seed, short, only, report } = given;
  return { kills: Number(kills), seed: Number(seed), everywhere: short !== "yes", only, report };
}
