#!/usr/bin/env node
import * as module from "node:module";

// Node 22 and later keep compiled code between calls.
module.enableCompileCache?.();

try {
  await import("../dist/yard-node.mjs");
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
  process.stderr.write(
    "yard-node is not built yet: run `npm run build` in the checkout, or use the single file yard-node.mjs\n",
  );
  process.exitCode = 6;
}
