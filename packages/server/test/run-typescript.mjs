/**
 * Runs a TypeScript file from the source, on any Node and without a build: for tests that need a process of
 * their own. `node run-typescript.mjs FILE ARGS…`; the file finds its arguments from process.argv[3] on.
 */
import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

register("./typescript-hooks.mjs", import.meta.url);
await import(pathToFileURL(resolve(process.argv[2] ?? "")).href);
