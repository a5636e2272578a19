import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuilt, ensureInstalled, ROOT, SetupError } from "./setup.mjs";

// npm start: a fresh clone to a running server. Arguments go on to the server.
const main = join(ROOT, "packages/server/dist/main.js");

try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`yardmaster: ${error.message}\n`);
  process.exit(1);
}

process.env.YARD_PACKS ??= join(ROOT, "packs");
// The server in this very process: a second one would cost a start-up, and stand between it and its signals.
process.argv[1] = main;
await import(pathToFileURL(main).href);
