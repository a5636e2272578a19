import { ensureBuilt, ensureInstalled, SetupError } from "./setup.mjs";

// npm run build: what of the packages and the page is not built from the sources as they are.
try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`yardmaster: ${error.message}\n`);
  process.exit(1);
}
