// The page with a long list behind it: from the address in a browser without any cache, signed in, to fifty runs that
// are drawn and can be clicked.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { furnish, launchYard, portOf, TOKEN } from "./legs/yard-server.mjs";
import { median } from "./measure.mjs";
import { startPostgres } from "./postgres.mjs";

const CHROMIUM = "/usr/bin/chromium";
const RUNS = 100_000;
const VISITS = 9;
const ROWS = 'ol a[href^="/runs/"]';
/** The sandbox does not run as root; the rest keeps the browser off the network. */
const BROWSER_ARGS = [
  ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Notes when the whole first page of the list has been painted. Runs before the page's own script. */
const WATCH = `new MutationObserver((_changes, self) => {
  if (document.querySelectorAll('${ROWS}').length < 50) return;
  self.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("usable")));
}).observe(document, { childList: true, subtree: true })`;

async function visit(browser, url) {
  const context = await browser.newContext();
  await context.addInitScript(`sessionStorage.setItem("yard-token", "${TOKEN}"); ${WATCH}`);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator(ROWS).nth(49).waitFor();
  // Its own frames, not ours: the mark is set two after the rows are there.
  await page.evaluate("new Promise((done) => setTimeout(done, 100))");
  const ms = await page.evaluate("performance.getEntriesByName('usable')[0].startTime");
  await context.close();
  return ms / 1000;
}

export async function measurePage(house) {
  if (!existsSync(CHROMIUM)) {
    console.log(`\nthe page: skipped, there is no ${CHROMIUM}`);
    return [];
  }
  const postgres = await startPostgres(house, "page-postgres");
  await postgres.query("CREATE DATABASE yard");
  const folder = house.folder("page");
  const env = { DATABASE_URL: postgres.url("yard") };
  await furnish(house, folder, env.DATABASE_URL, { finished: RUNS });
  const server = launchYard(house, folder, { env });
  const url = `http://127.0.0.1:${await portOf(server)}/`;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: BROWSER_ARGS });
  const seconds = [];
  try {
    for (let n = 0; n < VISITS; n += 1) seconds.push(await visit(browser, url));
  } finally {
    await browser.close();
    await server.stop();
    await postgres.stop();
  }
  return [
    {
      title: `the page with ${RUNS} runs, to usable`,
      value: median(seconds),
      unit: "s",
      atMost: 1,
    },
  ];
}
