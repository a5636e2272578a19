import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatProblem } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { filesOf } from "../../../../../scripts/docs/code-blocks.mjs";
import { compile } from "./compile.fixture.ts";

const DOCS = fileURLToPath(new URL("../../../../../docs", import.meta.url));
const PAGES = readdirSync(DOCS, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".md") && packsOf(path).size > 0)
  .sort();

/** The packs that a page shows, by name; files without a pack's folder are of the pack "mine". */
function packsOf(page: string): Map<string, { [path: string]: string }> {
  const packs = new Map<string, { [path: string]: string }>();
  for (const [path, text] of Object.entries(filesOf(readFileSync(join(DOCS, page), "utf8")))) {
    const [, named, inside] = /^packs\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const isLoose = /^(?:actions|workflows|rules|sources|queues)\//.test(path);
    if (named === undefined && !isLoose) continue;
    const name = named ?? "mine";
    const files = packs.get(name) ?? { "pack.yaml": `pack: ${name}\nversion: 1.0.0\n` };
    packs.set(name, { ...files, [inside ?? path]: text });
  }
  return packs;
}

test("the pages with examples are found", () => {
  expect(PAGES).toEqual(
    expect.arrayContaining(["first-pack.md", "http-requests.md", "how-to/webhooks.md"]),
  );
});

test.each(PAGES)("every definition in docs/%s is a good one", (page) => {
  for (const [name, files] of packsOf(page)) {
    const { pack, problems } = compile(files);
    expect(problems.map(formatProblem)).toEqual([]);
    expect(pack?.name).toBe(name);
  }
});
