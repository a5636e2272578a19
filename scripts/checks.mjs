import { spawn } from "node:child_process";
import { setPriority } from "node:os";
import { join } from "node:path";
import { ROOT } from "./setup.mjs";

/** What is looked at without running the product: commands of node_modules/.bin. */
const CHECKS = [
  ["format and base lint", "biome", ["check", "--error-on-warnings", "."]],
  ["types and typed lint", "oxlint", []],
  [
    "borders",
    "depcruise",
    ["packages", "--config", ".dependency-cruiser.cjs", "--output-type", "err"],
  ],
  ["dead code", "knip", []],
];

/** What leaves the processors to others where they want them. */
const IN_THE_BACKGROUND = 10;

/**
 * Runs every check, `atOnce` of them at a time, and resolves with the names of those that failed. `tell` is given a
 * line for each, and the output of those that failed.
 */
export async function runChecks({ atOnce = 2, background = false, tell = console.log } = {}) {
  const waiting = [...CHECKS];
  const failed = [];
  async function work() {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const [name, command, args] = check;
      const { code, output } = await run(command, args, { background });
      tell(`${code === 0 ? "✓" : "✗"} ${name}`);
      if (code === 0) continue;
      tell(output);
      failed.push(name);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return failed;
}

function run(command, args, { background }) {
  const child = spawn(join(ROOT, "node_modules/.bin", command), args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  if (background && child.pid !== undefined) setPriority(child.pid, IN_THE_BACKGROUND);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
