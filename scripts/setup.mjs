import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./setup-lock.mjs";
import {
  hashOfLockFile,
  hashOfPage,
  hashOfSite,
  hashOfSources,
  hasMissingDist,
  isInstalled,
  NODE_BUILDER,
  PAGE,
  readState,
  rememberState,
  SITE,
  SITE_BUILDER,
} from "./setup-state.mjs";

/*
 * What a fresh clone needs before anything of it runs. Plain JavaScript without dependencies: nothing is
 * installed yet. Both functions return false at once, without the lock, where there is nothing to do, else true.
 */

export const ROOT = resolve(fileURLToPath(import.meta.url), "../..");

/** Brings node_modules to what package-lock.json says, with the development dependencies (the build needs them). */
export async function ensureInstalled(root = ROOT) {
  if (isInstallCurrent(root)) return false;
  await locked(root, async () => {
    if (isInstallCurrent(root)) return;
    if (!isInstalled(root)) {
      say("installing dependencies (npm ci)");
      await run(root, npm(), ["ci", "--include=dev", "--no-fund", "--no-audit"]);
    }
    rememberState(root, { installed: hashOfLockFile(root) });
  });
  return true;
}

/**
 * Builds the packages, the page and the docs, each where its sources are not those of its last build. Needs
 * `ensureInstalled` before.
 */
export async function ensureBuilt(root = ROOT) {
  if (isBuildCurrent(root) && isPageCurrent(root) && isSiteCurrent(root)) return false;
  await locked(root, async () => {
    // Side by side: the page is made from sources, not from what the packages' build makes.
    const results = await Promise.allSettled([
      buildPackages(root),
      buildPage(root),
      buildSite(root),
    ]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
  });
  return true;
}

async function buildPackages(root) {
  if (isBuildCurrent(root)) return;
  const built = hashOfSources(root);
  say("building (tsc -b)");
  await run(root, [process.execPath], [join("node_modules", "typescript", "bin", "tsc"), "-b"]);
  if (existsSync(join(root, NODE_BUILDER))) await run(root, [process.execPath], [NODE_BUILDER]);
  rememberState(root, { built });
}

async function buildPage(root) {
  if (isPageCurrent(root)) return;
  const page = hashOfPage(root);
  say("building the page (vite build)");
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const args = [vite, "build", "--logLevel", "warn"];
  await run(join(root, PAGE), [process.execPath], args);
  rememberState(root, { page });
}

async function buildSite(root) {
  if (isSiteCurrent(root)) return;
  const site = hashOfSite(root);
  say("building the docs");
  await run(root, [process.execPath], [SITE_BUILDER]);
  rememberState(root, { site });
}

function isInstallCurrent(root) {
  return (
    existsSync(join(root, "node_modules")) && readState(root).installed === hashOfLockFile(root)
  );
}

function isBuildCurrent(root) {
  return !hasMissingDist(root) && readState(root).built === hashOfSources(root);
}

function isSiteCurrent(root) {
  if (!existsSync(join(root, SITE_BUILDER))) return true;
  return existsSync(join(root, SITE, "index.html")) && readState(root).site === hashOfSite(root);
}

function isPageCurrent(root) {
  if (!existsSync(join(root, PAGE, "package.json"))) return true;
  return (
    existsSync(join(root, PAGE, "dist/index.html")) && readState(root).page === hashOfPage(root)
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
function run(root, [file, ...first], args) {
  const child = spawn(file, [...first, ...args], {
    cwd: root,
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
