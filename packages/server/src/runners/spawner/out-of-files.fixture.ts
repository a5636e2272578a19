/** A process that opens files until it may open no more, and says what a start comes to then. */
import { closeSync, openSync } from "node:fs";
import { createSpawners } from "./spawners.ts";

const open: number[] = [];
const spawners = createSpawners({ count: 2 });
try {
  for (;;) open.push(openSync("/dev/null", "r"));
} catch {
  // As full as it gets.
}
const started = await spawners.start({ file: "true", args: [], cwd: "/", env: {}, stdin: "" });
for (const file of open) closeSync(file);
spawners.close();
process.stdout.write(started instanceof Error && "code" in started ? String(started.code) : "none");
