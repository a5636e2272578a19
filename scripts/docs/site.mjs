import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { layout } from "./layout.mjs";
import { createRenderer } from "./markdown.mjs";
import { readPages } from "./pages.mjs";

const ASSETS = resolve(import.meta.dirname, "assets");
/** Characters of a section that the search sees; a table of hundreds of rows is not searched to its end. */
const MAX_SECTION = 4_000;

/** Makes the site of the pages in `source` in the folder `target`, which is emptied first. Gives the number of pages. */
export function buildSite(source, target) {
  const sections = readPages(source);
  const render = createRenderer(source);
  const pages = sections.flatMap((section) => section.pages);
  rmSync(target, { recursive: true, force: true });
  const found = [];
  pages.forEach((page, index) => {
    const rendered = render(page);
    const neighbours = { before: pages[index - 1], after: pages[index + 1] };
    write(join(target, `${page.path}.html`), layout({ page, sections, rendered, neighbours }));
    for (const { id, title, text } of rendered.sections)
      found.push([
        page.title,
        title,
        `${page.path}.html${id === "" ? "" : `#${id}`}`,
        text.slice(0, MAX_SECTION),
      ]);
  });
  // As a script, for a page that is opened as a file may not fetch.
  write(join(target, "search-index.js"), `window.yardSearch = ${JSON.stringify(found)};\n`);
  cpSync(ASSETS, target, { recursive: true });
  if (existsSync(join(source, "schemas")))
    cpSync(join(source, "schemas"), join(target, "schemas"), { recursive: true });
  return pages.length;
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
