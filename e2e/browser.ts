import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { LEAVE_OUT } from "./browser-features.ts";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = BROWSERS.find((path) => existsSync(path));

/** Whether this machine has a browser; where it has none, that is said once for each file. */
export function hasBrowser(): boolean {
  if (executablePath === undefined)
    console.log(`skipped: the page in a browser, since there is none of ${BROWSERS.join(", ")}`);
  return executablePath !== undefined;
}

/** Chromium's sandbox does not run as root. The rest keeps it off the network. */
const BROWSER_ARGS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  LEAVE_OUT,
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath as string, args: BROWSER_ARGS });
}

/** What makes the page wider than its window, where something does. */
export const TOO_WIDE = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth)
  .map((element) => element.outerHTML.slice(0, 300))`;
