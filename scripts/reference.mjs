import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLibrary } from "./sdk/program.mjs";
import { libraryPage } from "./sdk/reference.mjs";
import { ensureBuilt, ensureInstalled, ROOT } from "./setup.mjs";

// node scripts/reference.mjs: makes the pages of docs/reference from the code. Tests compare them with it.
const FOLDER = join(ROOT, "docs/reference");

await ensureInstalled();
await ensureBuilt();
const [server, cli] = await Promise.all(
  ["server", "cli"].map((name) => import(`../packages/${name}/dist/reference/index.js`)),
);
const pages = {
  ...server.referencePages(),
  ...(await cli.referencePages()),
  "client-library.md": libraryPage(readLibrary(ROOT)),
};
mkdirSync(FOLDER, { recursive: true });
for (const [file, text] of Object.entries(pages)) writeFileSync(join(FOLDER, file), text);
console.log(`docs/reference: ${Object.keys(pages).toSorted().join(", ")}`);
