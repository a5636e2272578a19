#!/usr/bin/env node
try {
  const { main } = await import("../dist/main.js");
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
  process.stderr.write(
    "yard-node is not built yet: run `npm run build` in the checkout first, or use the single file dist/yard-node.mjs\n",
  );
  process.exitCode = 6;
}
