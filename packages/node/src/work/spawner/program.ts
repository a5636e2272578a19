import { lineReader } from "./line-reader.ts";
import { serveStarts } from "./serve.ts";
import { spawnChild } from "./start.ts";

/**
 * The program of a spawner, as text: it needs no file beside the client, which may be a single one, and loads nothing
 * of it. What Ctrl-C or a supervisor's TERM to everybody means is the node's to decide, which still needs what runs here.
 */
const PROGRAM = `
const { spawn } = require("node:child_process");
const { closeSync, constants, openSync } = require("node:fs");
const { Socket } = require("node:net");
process.title = "yard-node spawner";
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
const line = new Socket({ fd: 3, readable: true, writable: true });
(${serveStarts})({
  line,
  system: { spawn, openSync, closeSync, constants },
  start: ${spawnChild},
  reader: ${lineReader},
  leave: () => process.exit(),
});
`;

/**
 * How it is run. What it forks it copies: 12 MB with these flags, which start /bin/true in 0.6 ms; a node of an hour's
 * work has 70 MB, and takes 2 ms.
 */
export const SPAWNER_COMMAND: readonly string[] = [
  process.execPath,
  "--max-semi-space-size=1",
  "--v8-pool-size=0",
  "--input-type=commonjs",
  "--eval",
  PROGRAM,
];
