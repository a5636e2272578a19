import { join } from "node:path";
import { buildSite } from "./docs/site.mjs";
import { ROOT } from "./setup.mjs";

// npm run docs: the site of docs/ in docs/.site, which the server shows at /docs. It can be opened as files, too.
const target = join(ROOT, "docs/.site");
const pages = buildSite(join(ROOT, "docs"), target);
console.log(`${pages} pages in ${target}; open index.html there, or /docs of a server`);
