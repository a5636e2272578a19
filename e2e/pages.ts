import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type PackFiles, type Server, startServer, TOKEN, writePacks } from "./page-server.ts";

/** Less than a test has, so that what was waited for is named. */
const WITHIN_MS = 10_000;

interface VisitOptions {
  readonly url?: string;
  readonly width?: number;
}

/** The page of one server for all tests of a file, in a browser. */
export interface Pages {
  /** There as soon as a test runs. */
  readonly server: Server;
  /** Of their own: its `packs` can be edited. */
  readonly folder: string;
  /** A server beside it, which the test stops. */
  startOther(name: string): Promise<Server>;
  /** A browser of somebody new at an address; fails the test when the page breaks or breaks its policy. */
  visit(path: string, options?: VisitOptions): Promise<Page>;
  signIn(page: Page, token?: string): Promise<void>;
}

/** Starts server and browser before the tests of the `describe` that it stands in, and ends them after. */
export function setUpPages(packs: PackFiles): Pages {
  let folder: string;
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "yard-page-"));
    writePacks(folder, packs);
    [browser, server] = await Promise.all([launchBrowser(), startServer(folder, "data")]);
  });

  afterAll(async () => {
    await Promise.all([browser?.close(), server?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    get server() {
      return server;
    },
    get folder() {
      return folder;
    },
    startOther: (name) => startServer(folder, name),
    async visit(path, { url = server.url, width = 1200 } = {}) {
      const context = await browser.newContext({ viewport: { width, height: 800 } });
      const page = await context.newPage();
      page.setDefaultTimeout(WITHIN_MS);
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => {
        if (/content security policy|warning: /i.test(message.text())) faults.push(message.text());
      });
      onTestFinished(async () => {
        await context.close();
        expect(faults).toEqual([]);
      });
      await page.goto(url + path);
      return page;
    },
    async signIn(page, token = TOKEN) {
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
    },
  };
}
