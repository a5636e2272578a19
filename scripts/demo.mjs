import { ensureBuilt, ensureInstalled, SetupError } from "./setup.mjs";

// npm run demo: the whole way of an event, shown on a throwaway installation.
try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`yardmaster: ${error.message}\n`);
  process.exit(1);
}

const { demonstrate } = await import("../demo/main.mjs");
process.exit(await demonstrate());
