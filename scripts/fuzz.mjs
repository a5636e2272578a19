/**
 * `npm run fuzz -- [SECONDS] [--target NAME]… [--seed N]`
 * Fuzzes the parsers of what strangers send (packages/server/fuzz) for so many seconds in all; 60 unless given. An
 * input for which something does not hold is kept in packages/server/fuzz/corpus, where the tests run it from then on.
 */
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: "string", multiple: true, default: [] },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const [seconds = "60"] = positionals;
/** A parser that is silent for so long hangs. */
const SILENCE_MS = 20_000;

const server = resolve(import.meta.dirname, "../packages/server");
const folder = mkdtempSync(join(tmpdir(), "yard-fuzz-"));
const inFlight = join(folder, "input");
const args = [join(server, "test/run-typescript.mjs"), join(server, "fuzz/main.ts")];
args.push(seconds, values.seed, inFlight, ...values.target);
const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });

let target = "";
let hung = false;
const watchdog = setTimeout(() => {
  hung = true;
  child.kill("SIGKILL");
}, SILENCE_MS);
createInterface({ input: child.stdout }).on("line", (line) => {
  watchdog.refresh();
  const said = JSON.parse(line);
  if (said.target !== undefined) target = said.target;
  if (said.finding !== undefined)
    console.log(`\n${target}: ${said.finding.problem}\n  kept: ${said.finding.path}\n`);
  if (said.done !== undefined)
    console.log(`${target}: ${said.done.runs} inputs, ${said.done.words} kinds of outcome`);
});
const code = await new Promise((done) => child.once("close", done));
clearTimeout(watchdog);
if (target === "") {
  console.log("the fuzzer did not start");
} else if (hung || (code !== 0 && code !== 1)) {
  const kept = join(server, "fuzz/corpus", target, `${hung ? "hangs" : "ends"}-${Date.now()}`);
  mkdirSync(resolve(kept, ".."), { recursive: true });
  copyFileSync(inFlight, kept);
  console.log(
    `${target}: ${hung ? `nothing for ${SILENCE_MS} ms` : `ended with ${code}`}\n  kept: ${kept}`,
  );
}
rmSync(folder, { recursive: true, force: true });
console.log(code === 0 ? "nothing found" : `seed ${values.seed}`);
process.exit(code === 0 ? 0 : 1);
