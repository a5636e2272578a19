import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildSite } from "../scripts/docs/site.mjs";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = BROWSERS.find((path) => existsSync(path));
if (executablePath === undefined)
  console.log(`skipped: the docs in a browser, since there is none of ${BROWSERS.join(", ")}`);

const DOCS = resolve(import.meta.dirname, "../docs");

let site: string;
let pages: Map<string, string>;

beforeAll(() => {
  site = join(mkdtempSync(join(tmpdir(), "yard-site-")), "site");
  buildSite(DOCS, site);
  const paths = readdirSync(site, { recursive: true, encoding: "utf8" });
  pages = new Map(
    paths
      .filter((path) => path.endsWith(".html"))
      .map((path) => [path.replaceAll("\\", "/"), readFileSync(join(site, path), "utf8")]),
  );
});

afterAll(() => rmSync(dirname(site), { recursive: true, force: true }));

const idsOf = (html: string) => [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
const linksOf = (html: string) =>
  [...html.matchAll(/\s(?:href|src)="([^"]+)"/g)].map(([, link = ""]) =>
    decodeURI(link.replaceAll("&amp;", "&")),
  );

test("every page of docs/ is in the site, once in its navigation", () => {
  const written = readdirSync(DOCS, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".md") && !path.startsWith(".site/"))
    .map((path) => path.replace(/\.md$/, ".html"));
  expect([...pages.keys()].sort()).toEqual(written.sort());
  const home = pages.get("index.html") ?? "";
  const nav = /<nav class="pages"[\s\S]*?<\/nav>/.exec(home)?.[0] ?? "";
  expect(linksOf(nav).sort()).toEqual(written.sort());
});

test("no link is dead, neither its page nor its heading", () => {
  const dead: string[] = [];
  for (const [path, html] of pages) {
    for (const link of linksOf(html)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file).replaceAll("\\", "/");
      // The page of the API is the server's.
      if (target === "api") continue;
      const isThere = existsSync(join(site, target));
      const hasAnchor = anchor === undefined || idsOf(pages.get(target) ?? "").includes(anchor);
      if (!isThere || !hasAnchor) dead.push(`${path}: ${link}`);
    }
  }
  expect(dead).toEqual([]);
});

test("no id is given twice in a page, and every page has one heading of its own", () => {
  for (const [path, html] of pages) {
    const ids = idsOf(html);
    expect([path, ids.length]).toEqual([path, new Set(ids).size]);
    expect([path, html.match(/<h1/g)?.length]).toEqual([path, 1]);
  }
});

test("the site needs no network and nothing inline: it holds under the server's policy", () => {
  for (const [path, html] of pages) {
    const own = html.replaceAll(/<a [^>]*>/g, "");
    expect([
      path,
      own.match(/(?:src|href)="(?:https?:)?\/\/|<style|\sstyle="|\son\w+="|<script>/g),
    ]).toEqual([path, null]);
  }
});

test("the search knows every section, and its entries lead to them", () => {
  const index = readFileSync(join(site, "search-index.js"), "utf8");
  const json = index.replace("window.yardSearch = ", "").replace(/;\n$/, "");
  const entries = JSON.parse(json) as [string, string, string, string][];
  expect(entries.length).toBeGreaterThan(100);
  for (const [, , address] of entries) {
    const [file = "", anchor] = address.split("#");
    const html = pages.get(file);
    expect([address, html !== undefined]).toEqual([address, true]);
    if (anchor !== undefined) expect(idsOf(html ?? "")).toContain(anchor);
  }
});

test("a file's name stands above its code, and is not part of what is copied", () => {
  const html = pages.get("first-pack.html") ?? "";
  expect(html).toContain("<figcaption>packs/mine/actions/count.yaml</figcaption>");
  expect(html).not.toContain("# packs/mine/actions/count.yaml");
});

test.skipIf(executablePath === undefined)(
  "in a browser, without a server: a search by keys leads to its section, and the theme is kept",
  async () => {
    const browser = await chromium.launch({
      executablePath: executablePath as string,
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
    try {
      const page = await browser.newPage({ colorScheme: "light" });
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(pathToFileURL(join(site, "how-to/webhooks.html")).href);
      await page.keyboard.press("/");
      await page.keyboard.type("in groups");
      await page.locator(".found a.chosen", { hasText: "In groups" }).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL(/how-to\/fan-out\.html#in-groups$/);
      const back = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
      const light = await back();
      await page.locator("button.theme").click();
      const dark = await back();
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await back()).toBe(dark);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
