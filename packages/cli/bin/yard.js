#!/usr/bin/env node
import * as module from "node:module";

// Node 22 and later keep compiled code between calls; a shell user feels the difference.
module.enableCompileCache?.();

try {
  const { main, processIo } = await import("../dist/yard.mjs");
  process.exitCode = await main(process.argv.slice(2), processIo());
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
  process.stderr.write(
    "yard is not built yet: run `npm start` or `npm run build` in the checkout first\n",
  );
  process.exitCode = 6;
}
