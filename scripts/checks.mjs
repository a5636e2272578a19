import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./setup.mjs";

/** What is looked at without running the product. Each is a command of node_modules/.bin. */
const CHECKS = [
  ["format and base lint", "biome", ["check", "--error-on-warnings", "."]],
  ["types", "tsc", ["--noEmit", "-p", "tsconfig.lint.json"]],
  ["types of the page", "tsc", ["-p", "packages/web/tsconfig.json"]],
  ["typed lint", "eslint", ["."]],
  [
    "borders",
    "depcruise",
    ["packages", "--config", ".dependency-cruiser.cjs", "--output-type", "err"],
  ],
  ["dead code", "knip", []],
];

/** Runs every check, two at a time, and says which failed; their output is shown when they do. */
export async function runChecks() {
  const waiting = [...CHECKS];
  const failed = [];
  async function work() {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const [name, command, args] = check;
      const { code, output } = await run(command, args);
      console.log(`${code === 0 ? "✓" : "✗"} ${name}`);
      if (code === 0) continue;
      console.log(output);
      failed.push(name);
    }
  }
  await Promise.all([work(), work()]);
  return { passed: CHECKS.length - failed.length, failed };
}

function run(command, args) {
  const child = spawn(join(ROOT, "node_modules/.bin", command), args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
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
