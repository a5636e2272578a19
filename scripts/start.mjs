import * as module from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureInstalled, ensureRunnable, ROOT, SetupError } from "./setup.mjs";
import { stopWithParent } from "./stop-with-parent.mjs";

// npm start: a fresh clone to a running server. Arguments go on to the server.
const main = join(ROOT, "packages/server/dist/yard-server.mjs");

// Not where it was started by hand: it may be meant to outlive the shell.
if (process.env.npm_lifecycle_event === "start") stopWithParent();

try {
  const installed = await ensureInstalled();
  const built = await ensureRunnable();
  if (installed || built)
    process.stderr.write(`yardmaster: set up in ${Math.round(performance.now() / 1_000)} s\n`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`yardmaster: ${error.message}\n`);
  process.exit(1);
}

// Node 22 and later keep compiled code between starts.
module.enableCompileCache?.();
// What the server takes to start is told without this.
performance.mark("yardmaster set up");
process.env.YARD_PACKS ??= join(ROOT, "packs");
// The server in this very process: a second one would cost a start-up, and stand between it and its signals.
process.argv[1] = main;
await import(pathToFileURL(main).href);
