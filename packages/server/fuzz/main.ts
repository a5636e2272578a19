import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { keepInput, keptInputs } from "./corpus.ts";
import { explore } from "./explore.ts";
import { fuzzTargets } from "./targets/index.ts";

/**
 * `main.ts SECONDS SEED IN_FLIGHT [TARGET…]`: fuzzes each target for its share of the time. The file IN_FLIGHT holds
 * the input that is being run, for whoever has to end this process; each line on stdout is a sign of life.
 */
const [seconds = "10", seed = "1", inFlight = "", ...names] = process.argv.slice(3);
const targets = fuzzTargets.filter(({ name }) => names.length === 0 || names.includes(name));
const ALIVE_EVERY_MS = 1_000;

const file = openSync(inFlight, "w");
let found = 0;
for (const target of targets) {
  const endsAt = Date.now() + (Number(seconds) * 1_000) / targets.length;
  let aliveAt = 0;
  console.log(JSON.stringify({ target: target.name }));
  const { runs, words, findings } = await explore(target, {
    seed: Number(seed),
    corpus: keptInputs(target.name),
    goOn: () => Date.now() < endsAt,
    onInput(input) {
      ftruncateSync(file, 0);
      writeSync(file, input, 0, input.length, 0);
      if (Date.now() - aliveAt < ALIVE_EVERY_MS) return;
      aliveAt = Date.now();
      console.log("{}");
    },
  });
  for (const { input, problem } of findings) {
    found++;
    console.log(JSON.stringify({ finding: { path: keepInput(target.name, input), problem } }));
  }
  console.log(JSON.stringify({ done: { target: target.name, runs, words } }));
}
closeSync(file);
// The module server that loads this file would keep the process.
process.exit(found === 0 ? 0 : 1);
