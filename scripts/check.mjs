import { runChecks } from "./checks.mjs";
import { ensureInstalled } from "./setup.mjs";

// npm run check: everything that is looked at without running the product.
await ensureInstalled();
const failed = await runChecks();
process.exitCode = failed.length === 0 ? 0 : 1;
