import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { crashServer, isCurrent, packages, page, programs, site } from "./builds.mjs";
import { withLock } from "./setup-lock.mjs";
import { hashOfLockFile, isInstalled, readState, rememberState } from "./setup-state.mjs";

/*
 * What a fresh clone needs before anything of it runs. Plain JavaScript without dependencies: nothing is
 * installed yet. All functions return false at once, without the lock, where there is nothing to do, else true.
 */

export const ROOT = resolve(fileURLToPath(import.meta.url), "../..");

/** Brings node_modules to what package-lock.json says, with the development dependencies (the build needs them). */
export async function ensureInstalled(root = ROOT) {
  if (isInstallCurrent(root)) return false;
  await locked(root, async () => {
    if (isInstallCurrent(root)) return;
    if (!isInstalled(root)) {
      say("installing dependencies (npm ci)");
      // Whoever only starts it can do nothing about the warnings of packages.
      const quiet = ["--no-fund", "--no-audit", "--loglevel=error"];
      await run(root, npm(), ["ci", "--include=dev", ...quiet]);
    }
    rememberState(root, { installed: hashOfLockFile(root) });
  });
  return true;
}

/**
 * Builds what is run: the programs, the page and the docs, each where its sources are not those of its last build.
 * Needs `ensureInstalled` before.
 */
export function ensureRunnable(root = ROOT) {
  return ensure(root, [programs, page, site]);
}

/** Builds all that is run, and the packages. */
export function ensureBuilt(root = ROOT) {
  return ensure(root, [packages, programs, page, site]);
}

/** Builds all that the crash tests run. */
export function ensureCrashable(root = ROOT) {
  return ensure(root, [packages, programs, crashServer]);
}

async function ensure(root, builds) {
  const missing = () => builds.filter((build) => !isCurrent(root, build));
  if (missing().length === 0) return false;
  await locked(root, async () => {
    const results = await Promise.allSettled(missing().map((build) => make(root, build)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  });
  return true;
}

/** What is remembered is what it was made from: a source that changed meanwhile is built the next time. */
async function make(root, { name, told, hash, folder = ".", args }) {
  const from = hash(root);
  say(told);
  // Whatever is set here (tests set it): the page would be slow, and talk to developers.
  const env = { ...process.env, NODE_ENV: "production" };
  await run(join(root, folder), [process.execPath], args(root), env);
  rememberState(root, { [name]: from });
}

function isInstallCurrent(root) {
  return (
    existsSync(join(root, "node_modules")) && readState(root).installed === hashOfLockFile(root)
  );
}

function locked(root, work) {
  return withLock(join(root, ".yard-setup.lock"), work, () =>
    say("another process is setting this checkout up; waiting for it"),
  );
}

/** The npm that runs us, where one does: as a file for Node, which needs no shell on any platform. */
function npm() {
  const cli = process.env.npm_execpath ?? "";
  if (basename(cli) === "npm-cli.js") return [process.execPath, cli];
  return process.platform === "win32" ? ["npm.cmd"] : ["npm"];
}

/** Its output goes to stderr: stdout belongs to the program that is being started. */
function run(root, [file, ...first], args, env = process.env) {
  const child = spawn(file, [...first, ...args], {
    cwd: root,
    env,
    stdio: ["ignore", 2, 2],
    shell: file.endsWith(".cmd"),
  });
  return new Promise((done, fail) => {
    child.once("error", (error) =>
      fail(new SetupError(`${file} could not be started: ${error.message}`)),
    );
    child.once("exit", (code, signal) => {
      if (code === 0) done();
      else
        fail(
          new SetupError(
            `${[file, ...first, ...args].join(" ")} failed (${signal ?? `exit code ${code}`}); its output is above`,
          ),
        );
    });
  });
}

/** A step of the set-up failed, and its own output has said why. */
export class SetupError extends Error {}

function say(text) {
  process.stderr.write(`yardmaster: ${text}\n`);
}
