import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  CRASH_SERVER,
  CRASH_SERVER_BUILDER,
  hashOfCrashServer,
  hashOfPage,
  hashOfPrograms,
  hashOfSite,
  hashOfSources,
  hasMissingDist,
  PAGE,
  PROGRAM_BUILDER,
  PROGRAMS,
  readState,
  SITE,
  SITE_BUILDER,
} from "./setup-state.mjs";

/*
 * What is built of a checkout, each from sources and not from what another makes: `name` in the remembered state, how
 * it is told, what it is made from, and the arguments of the Node that makes it.
 */

/** The compiler in machine code. Two packages have a `tsc`, it is named by its file: what checks the borders needs the other. */
const TSC = join("node_modules", "typescript-native", "bin", "tsc");

/**
 * With their types: scripts and tests use them, no program needs them. Whether the types are right is for the checks to
 * say, which look at the tests in the same breath: to do it here too took two thirds of this build.
 */
export const packages = {
  name: "built",
  told: "building (tsc -b)",
  isWanted: () => true,
  isThere: (root) => !hasMissingDist(root),
  hash: hashOfSources,
  args: () => [TSC, "-b", "--noCheck", "tsconfig.build.json"],
};

/** What is started, one file each. */
export const programs = {
  name: "programs",
  told: "building the programs",
  isWanted: (root) => existsSync(join(root, PROGRAM_BUILDER)),
  isThere: (root) => PROGRAMS.every(({ program }) => existsSync(join(root, program))),
  hash: hashOfPrograms,
  args: () => [PROGRAM_BUILDER],
};

/** Once for all the scenarios, which are processes of their own. */
export const crashServer = {
  name: "crashServer",
  told: "building the server of the crash tests",
  isWanted: () => true,
  isThere: (root) => existsSync(join(root, CRASH_SERVER.program)),
  hash: hashOfCrashServer,
  args: () => [CRASH_SERVER_BUILDER],
};

export const page = {
  name: "page",
  told: "building the page (vite build)",
  isWanted: (root) => existsSync(join(root, PAGE, "package.json")),
  isThere: (root) => existsSync(join(root, PAGE, "dist/index.html")),
  hash: hashOfPage,
  folder: PAGE,
  args: (root) => [
    join(root, "node_modules", "vite", "bin", "vite.js"),
    "build",
    "--logLevel",
    "warn",
  ],
};

export const site = {
  name: "site",
  told: "building the docs",
  isWanted: (root) => existsSync(join(root, SITE_BUILDER)),
  isThere: (root) => existsSync(join(root, SITE, "index.html")),
  hash: hashOfSite,
  args: () => [SITE_BUILDER],
};

export function isCurrent(root, { name, isWanted, isThere, hash }) {
  return !isWanted(root) || (isThere(root) && readState(root)[name] === hash(root));
}
