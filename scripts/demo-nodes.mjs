import { ensureBuilt, ensureInstalled, SetupError } from "./setup.mjs";

// npm run demo:nodes: machines that are paired, driven, cut off and revoked, on a throwaway installation.
try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`yardmaster: ${error.message}\n`);
  process.exit(1);
}

const { demonstrate } = await import("../demo/nodes/main.mjs");
process.exit(await demonstrate());
