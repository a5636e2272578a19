import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** The package that is built for browsers. */
export const PAGE = "packages/web";
/** The site of the docs, and the program that makes it. */
export const SITE = "docs/.site";
export const SITE_BUILDER = "scripts/docs.mjs";
/** Makes one file of each program. */
export const PROGRAM_BUILDER = "scripts/build-programs.mjs";
/** What is started: the source of each, and where its one file lies. */
export const PROGRAMS = [
  { source: "packages/server/src/main.ts", program: "packages/server/dist/yard-server.mjs" },
  { source: "packages/server/src/doctor/main.ts", program: "packages/server/dist/yard-doctor.mjs" },
  { source: "packages/server/src/move/main.ts", program: "packages/server/dist/yard-carry.mjs" },
  {
    source: "packages/server/src/packs/offline/main.ts",
    program: "packages/server/dist/yard-packs.mjs",
  },
  {
    source: "packages/server/src/runners/spawner/main.ts",
    program: "packages/server/dist/yard-spawner.mjs",
  },
  { source: "packages/cli/src/index.ts", program: "packages/cli/dist/yard.mjs" },
  {
    source: "packages/node/src/cli.ts",
    program: "packages/node/dist/yard-node.mjs",
    isCarried: true,
  },
];
/** The server of the crash tests: one file as the programs are, beside them, for what it needs is found from there. */
export const CRASH_SERVER = {
  source: "e2e/crash/server-entry.mjs",
  program: "packages/server/dist/crash-server.mjs",
};
/** Makes it. */
export const CRASH_SERVER_BUILDER = "e2e/crash/build-server.mjs";
const CACHE = "node_modules/.cache/yardmaster.json";

/** What this checkout has already done: `{ installed?, built?, programs?, crashServer?, page?, site? }`, hashes. It goes away with node_modules. */
export function readState(root) {
  try {
    return JSON.parse(readFileSync(join(root, CACHE), "utf8"));
  } catch {
    return {};
  }
}

export function rememberState(root, change) {
  const path = join(root, CACHE);
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify({ ...readState(root), ...change }));
  renameSync(`${path}.${process.pid}`, path);
}

/** The lock file, and the platform: binaries of one do not run on another that shares the folder. */
export function hashOfLockFile(root) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  return hash.update(readFileSync(join(root, "package-lock.json"))).digest("hex");
}

/** Everything that `tsc -b` reads from the checkout. */
export function hashOfSources(root) {
  const top = readdirSync(root).filter((name) => /^(package|tsconfig.*)\.json$/.test(name));
  return hashOfFiles(root, [...top.sort(), ...packageSources(root)]);
}

function packageSources(root) {
  const folders = packageFolders(root).filter((folder) => folder !== PAGE);
  return folders.flatMap((one) => filesOf(root, one));
}

/** Everything that the programs are made from. */
export function hashOfPrograms(root) {
  const builder = [PROGRAM_BUILDER, "scripts/setup-state.mjs", "package-lock.json"];
  return hashOfFiles(root, [...builder, ...packageSources(root)]);
}

export function hashOfCrashServer(root) {
  return hashOfFiles(root, [CRASH_SERVER_BUILDER, CRASH_SERVER.source]) + hashOfPrograms(root);
}

/** Everything that the page is made from, but for what is installed. */
export function hashOfPage(root) {
  const own = readdirSync(join(root, PAGE), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${PAGE}/${entry.name}`);
  const sources = [PAGE, "packages/sdk", "packages/protocol"].flatMap((one) => filesOf(root, one));
  return hashOfFiles(root, ["package-lock.json", ...own, ...sources]);
}

/** Everything that the site of the docs is made from, but for what is installed. */
export function hashOfSite(root) {
  const pages = filesUnder(root, "docs").filter((path) => !path.startsWith(`${SITE}/`));
  return hashOfFiles(root, [
    "package-lock.json",
    SITE_BUILDER,
    ...filesUnder(root, "scripts/docs"),
    ...pages,
  ]);
}

/** What a package is built from. */
function filesOf(root, folder) {
  const manifests = ["package.json", "tsconfig.json", "tsconfig.build.json"].map(
    (name) => `${folder}/${name}`,
  );
  const present = manifests.filter((path) => existsSync(join(root, path)));
  return [...present, ...filesUnder(root, `${folder}/src`)];
}

function hashOfFiles(root, paths) {
  const hash = createHash("sha256");
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  return hash.digest("hex");
}

/** Packages that `tsc -b` builds and that have no dist. */
export function hasMissingDist(root) {
  return builtFolders(root).some(
    (folder) => !existsSync(join(root, folder, "dist", ".tsbuildinfo")),
  );
}

/**
 * Whether node_modules, as npm noted it down on its last full install, is what the lock file asks for on this
 * platform. Saves an install where someone ran npm by hand.
 */
export function isInstalled(root) {
  try {
    const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    const present = JSON.parse(
      readFileSync(join(root, "node_modules/.package-lock.json"), "utf8"),
    ).packages;
    return Object.entries(wanted).every(
      ([path, entry]) => isOutside(path, entry) || present[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

/**
 * Entries that a complete install may lack: the workspaces themselves, what is for other platforms or C libraries,
 * and what hangs below those (optional, and for no platform by name).
 */
function isOutside(path, entry) {
  if (!path.includes("node_modules/") || entry.link) return true;
  if (!entry.optional && !entry.devOptional) return false;
  const namesPlatform = entry.os !== undefined || entry.cpu !== undefined;
  return (
    !namesPlatform ||
    entry.libc !== undefined ||
    !fits(entry.os, process.platform) ||
    !fits(entry.cpu, process.arch)
  );
}

function fits(allowed, actual) {
  return allowed === undefined || allowed.includes(actual);
}

function builtFolders(root) {
  const { references } = JSON.parse(readFileSync(join(root, "tsconfig.build.json"), "utf8"));
  return references.map((reference) => dirname(reference.path));
}

function packageFolders(root) {
  const entries = readdirSync(join(root, "packages"), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => `packages/${entry.name}`)
    .sort();
}

function filesUnder(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const nested = entries.map((entry) =>
    entry.isDirectory() ? filesUnder(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
  return nested.flat().sort();
}
