import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { hasBrowser, TOO_WIDE } from "./browser.ts";
import { setUpPages } from "./pages.ts";

/**
 * A step that hands back a small file and one of many pieces; one with many parts; a run within a run; a question; a
 * process that writes in colours, one that writes much.
 */
const PACK = {
  "pack.yaml": "pack: made\nversion: 1.0.0\n",
  "actions/make.yaml":
    "action: made.make\nrunner: process\ncwd: work\nscript: |\n  mkdir out; printf small > 'out/a b.txt'\n" +
    "  head -c 20000000 /dev/urandom > big.bin\nfiles: ['out/*', big.bin]\n",
  "workflows/each.yaml":
    "workflow: made.each\nsteps:\n  - { id: make, uses: made.make }\n" +
    "  - { id: parts, uses: made.make, for_each: '[1, 2]' }\n",
  "workflows/hello.yaml":
    'workflow: made.hello\ninput: { people: "string[]!", not: { type: integer, default: -1 } }\nsteps:\n' +
    "  - id: each\n    for_each: input.people\n    uses: core.echo\n" +
    "    with: { name: \"${{ index == input.not ? string(int('none')) : item }}\" }\n",
  "workflows/ask.yaml":
    "workflow: made.ask\nsteps:\n  - id: approve\n    uses: core.ask\n    with:\n      title: Release it\n" +
    '      prompt: "Shall it go out?\\nTo all?"\n      schema:\n        ok: boolean!\n        count: integer\n' +
    '        ring: { enum: [first, all], default: first, description: Who gets it. }\n        hosts: "string[]"\n' +
    "      timeout: 2h\noutput: ${{ steps.approve.output }}\n",
  "workflows/parent.yaml": "workflow: made.parent\nsteps:\n  - { id: rest, uses: made.rest }\n",
  "workflows/rest.yaml":
    'workflow: made.rest\nsteps:\n  - { id: a_step_whose_name_is_far_longer_than_a_phone_is_wide, uses: core.sleep, with: { duration: "10m" } }\n',
  "actions/long.yaml":
    "action: made.long\nrunner: process\nscript: |\n  seq -f 'line %.0f' 20000 >&2\n",
  "actions/colours.yaml":
    "action: made.colours\nrunner: process\nscript: |\n  printf 'first\\n\\033[31mred\\033[0m and plain\\n' >&2; exit 3\n",
};

describe.skipIf(!hasBrowser())("the page, in a browser,", () => {
  const pages = setUpPages({ made: PACK });
  const { visit, signIn, startOther } = pages;

  const row = (page: Page, id: string) => page.locator(`a[href="/runs/${id}"]`);

  test("asks for a token, says what is wrong with one, and shows the page asked for with a good one", async () => {
    const { id } = await pages.server.client.runs.start({
      ref: "core.echo",
      input: { hello: "world" },
    });
    const page = await visit(`/runs/${id}`);
    await signIn(page, "yard_of_another_server");
    await page.getByText("The server does not know this token.").waitFor();
    await signIn(page);
    await page.getByRole("heading", { name: "core.echo" }).waitFor();
    await page.getByRole("region", { name: "Output" }).getByText('"world"').first().waitFor();
    expect(await page.title()).toBe("core.echo · Success — Yardmaster");
  });

  test("shows a run that starts elsewhere as it comes and as it moves, without a reload", async () => {
    const page = await visit("/");
    await signIn(page);
    await page.getByText("Live", { exact: true }).waitFor();
    const { id } = await pages.server.client.runs.start({
      ref: "core.sleep",
      input: { duration: "10m" },
    });
    await row(page, id).getByText("Waiting").waitFor();
    await pages.server.client.runs.cancel(id);
    await row(page, id).getByText("Canceled", { exact: true }).waitFor();
    // Filtered lists follow too: it belongs to one and not to the other.
    await page.getByRole("link", { name: "Canceled" }).first().click();
    await row(page, id).waitFor();
    await page.getByRole("link", { name: "Success", exact: true }).click();
    await row(page, id).waitFor({ state: "detached" });
  });

  test("shows the steps of a run with their items and attempts, its log as it is written, and why it stands", async () => {
    const page = await visit("/");
    await signIn(page);
    const run = await pages.server.client.runs.start({
      ref: "examples.slow",
      input: { pace: "400ms" },
    });
    await row(page, run.id).click();
    await page.getByRole("button", { name: /^begin\W+Success/ }).waitFor();
    await page.getByRole("log").getByText("greeting beginning").waitFor();
    await page.getByRole("button", { name: /^#5\W+Success/ }).waitFor();
    await page
      .getByTitle(/^attempt 1: success after/)
      .first()
      .waitFor();
    await page.getByRole("status").getByText("Success").waitFor();
    await page.getByRole("region", { name: "Why" }).getByText("ended: success").waitFor();
    // A step of it: its own log and output, by the keyboard.
    await page.getByRole("button", { name: /^#5\W/ }).press("Enter");
    const log = page.getByRole("region", { name: "Log of parts#5" });
    await log.getByText("greeting part 6").waitFor();
    expect(await log.getByText("greeting beginning").count()).toBe(0);
    await page.getByRole("region", { name: "Output of parts#5" }).waitFor();
  });

  /** The page of a run whose steps have handed files back; `prepare` is done in it before all else. */
  async function visitMade(prepare: string): Promise<{ page: Page; big: string }> {
    const { id } = await pages.server.client.runs.start({ ref: "made.each", input: {} });
    expect(await pages.server.client.runs.wait(id)).toMatchObject({ status: "success" });
    const [big] = await pages.server.client.runs.files(id);
    const page = await visit("/");
    await page.addInitScript(prepare);
    await page.goto(`${pages.server.url}/runs/${id}`);
    await signIn(page);
    await page.getByRole("button", { name: /^make\W/ }).click();
    return { page, big: big?.sha256 ?? "" };
  }
  const NO_PICKER = "delete window.showSaveFilePicker";

  test("lists what a step handed back, and that of all its items, and saves it as a download", async () => {
    const { page, big } = await visitMade(NO_PICKER);
    const files = page.getByRole("region", { name: "Files of make" });
    await files.getByText("19.1 MiB").waitFor();
    expect(await files.getByRole("listitem").count()).toBe(2);
    for (const [path, name, sum] of [
      ["big.bin", "big.bin", big],
      ["out/a b.txt", "a b.txt", createHash("sha256").update("small").digest("hex")],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        files.getByRole("button", { name: `Download ${path}` }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
      const content = readFileSync(await download.path());
      expect(createHash("sha256").update(content).digest("hex")).toBe(sum);
    }
    await page.getByRole("button", { name: /^parts\W/ }).click();
    const all = page.getByRole("region", { name: "Files of parts" });
    for (const item of ["#0", "#1"])
      await all.getByRole("button", { name: `Download big.bin of ${item}` }).waitFor();
    await page.getByRole("button", { name: /^#1\W/ }).click();
    const own = page.getByRole("region", { name: "Files of parts#1" });
    await own.getByRole("button", { name: "Download big.bin", exact: true }).waitFor();
  });

  test("writes a file where the reader wants it as it comes, where the browser asks", async () => {
    // The dialog is the browser's own: what it gives stands in for it, a file that is written as any other.
    const { page, big } = await visitMade(
      `window.showSaveFilePicker = async ({ suggestedName }) =>
         (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })`,
    );
    const files = page.getByRole("region", { name: "Files of make" });
    await files.getByRole("button", { name: "Download big.bin" }).click();
    await files.getByText("saved").waitFor();
    const saved = await page.evaluate<number[]>(`(async () => {
      const folder = await navigator.storage.getDirectory();
      const file = await (await folder.getFileHandle("big.bin")).getFile();
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      return Array.from(new Uint8Array(digest));
    })()`);
    expect(Buffer.from(saved).toString("hex")).toBe(big);
  });

  test("does not save what is not what its checksum says, and stops a download that is not wanted", async () => {
    const { page } = await visitMade(NO_PICKER);
    const saved: string[] = [];
    page.on("download", (download) => saved.push(download.suggestedFilename()));
    const files = page.getByRole("region", { name: "Files of make" });
    let isAnswered = false;
    await page.route("**/files/*", (route) => {
      if (isAnswered) return;
      isAnswered = true;
      return route.fulfill({ body: "SMALL" });
    });
    await files.getByRole("button", { name: "Download out/a b.txt" }).click();
    await files.getByText("arrived as something else than its checksum says").waitFor();
    await files.getByRole("button", { name: "Download big.bin" }).click();
    await files.getByRole("button", { name: "Stop big.bin" }).click();
    await files.getByRole("button", { name: "Download big.bin" }).waitFor();
    expect(saved).toEqual([]);
  });

  test("shows the part of a run that its address names, in a long list of them too, and keeps it over a reload", async () => {
    const people = Array.from({ length: 130 }, (_, n) => `P${n}`);
    const { id } = await pages.server.client.runs.start({ ref: "made.hello", input: { people } });
    await pages.server.client.runs.wait(id);
    const page = await visit(`/runs/${id}?step=${encodeURIComponent("each#120")}`);
    await signIn(page);
    await page.getByRole("region", { name: "Output of each#120" }).getByText("P120").waitFor();
    await page.getByRole("button", { name: /^#120\W/, pressed: true }).waitFor();
    await page.getByRole("button", { name: /^#121\W/ }).click();
    await page.reload();
    await page.getByRole("region", { name: "Output of each#121" }).getByText("P121").waitFor();
  });

  test("tells how many parts of a step failed, and shows these alone when asked", async () => {
    const people = Array.from({ length: 30 }, (_, n) => `P${n}`);
    const { id } = await pages.server.client.runs.start({
      ref: "made.hello",
      input: { people, not: 17 },
    });
    await pages.server.client.runs.wait(id);
    const page = await visit(`/runs/${id}`);
    await signIn(page);
    await page.getByText("1 failed · 29/30 done").waitFor();
    await page.getByRole("button", { name: "Items of each" }).click();
    await page.getByLabel("Only what failed").check();
    const items = page.getByRole("list", { name: "Items of each" });
    await items.getByRole("button", { name: /^#17\W+Failed/ }).waitFor();
    expect(await items.getByRole("button", { name: /^#/ }).count()).toBe(1);
  });

  test("shows what a run asks with a form made of the schema, says what is wrong with an answer, and who gave it", async () => {
    const { id } = await pages.server.client.runs.start({ ref: "made.ask", input: {} });
    const page = await visit("/");
    await signIn(page);
    await row(page, id).getByText("waits for an answer to inquiry").waitFor();
    await row(page, id).click();
    const card = page.getByRole("region", { name: "Release it" });
    await card.getByText("Shall it go out?").waitFor();
    await card.getByText("Who gets it.").waitFor();
    expect(await card.getByLabel(/^ring/).inputValue()).toBe("first");
    await card.getByLabel(/^ok/).selectOption("Yes");
    await card.getByLabel(/^count/).fill("3");
    await card.getByLabel(/^hosts/).fill("[1]");
    await card.getByRole("button", { name: "Answer" }).click();
    await card.getByText(/hosts.*expected a string/).waitFor();
    await card.getByLabel(/^hosts/).fill('["a"]');
    await card.getByRole("button", { name: "Answer" }).click();
    await card.getByText(/^Answered by token:/).waitFor();
    await page.getByRole("status").getByText("Success").waitFor();
    expect((await pages.server.client.runs.get(id)).output).toEqual({
      ...{ ok: true, count: 3, ring: "first", hosts: ["a"] },
    });
  });

  test("lists what anybody is asked as it comes, to be answered there, and leads to the run", async () => {
    const page = await visit("/");
    await signIn(page);
    await page.getByRole("link", { name: "Questions" }).click();
    await page.getByText("Nobody is asked anything.").waitFor();
    const prompt = "Is it so?";
    const { id } = await pages.server.client.runs.start({ ref: "core.ask", input: { prompt } });
    const card = page.getByRole("region", { name: "Question of action" });
    await card.getByText(prompt).waitFor();
    expect(await card.getByRole("link", { name: "core.ask" }).getAttribute("href")).toBe(
      `/runs/${id}`,
    );
    await card.getByRole("button", { name: "Answer" }).click();
    await page.getByText("Nobody is asked anything.").waitFor();
    expect(await pages.server.client.runs.wait(id)).toMatchObject({
      status: "success",
      output: {},
    });
  });

  test("pauses a run and lets it go on, and leads from a run to that whose step it is", async () => {
    const { id } = await pages.server.client.runs.start({ ref: "made.parent", input: {} });
    const page = await visit(`/runs/${id}`);
    await signIn(page);
    await page.getByText("waits for a run that it started", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Pause run" }).click();
    await page.getByText("paused by token:admin", { exact: true }).waitFor();
    await page.getByRole("button", { name: /^rest\W/ }).click();
    await page.getByRole("region", { name: "Reason of rest" }).getByRole("link").click();
    // It is paused with the run whose step it is, and goes on with that.
    await page.getByText(`paused with run ${id}`, { exact: true }).waitFor();
    expect(await page.getByRole("button", { name: /^(Pause|Resume) run$/ }).count()).toBe(0);
    await page.getByRole("region", { name: "Details" }).getByRole("link", { name: id }).click();
    await page.getByRole("button", { name: "Resume run" }).click();
    await page.getByRole("button", { name: "Pause run" }).waitFor();
    expect((await pages.server.client.runs.get(id)).reason).toBe("waits for a run that it started");
  });

  test("brings who opened a run by keyboard back to its row", async () => {
    const { id } = await pages.server.client.runs.start({ ref: "core.echo", input: {} });
    const page = await visit("/");
    await signIn(page);
    await row(page, id).press("Enter");
    await page.getByRole("heading", { name: "core.echo" }).waitFor();
    await page.goBack();
    await page.locator(`a[href="/runs/${id}"]:focus-visible`).waitFor();
  });

  test("leaves runs that are steps of others out of its list when asked", async () => {
    const { id } = await pages.server.client.runs.start({ ref: "made.parent", input: {} });
    const page = await visit("/");
    await signIn(page);
    await row(page, id).waitFor();
    const { value: step } = await pages.server.client.runs.list({ parent: id }).next();
    await row(page, step?.id ?? "").waitFor();
    await page.getByLabel("Without steps of others").check();
    await row(page, step?.id ?? "").waitFor({ state: "detached" });
    await row(page, id).waitFor();
    await page.reload();
    expect(await page.getByLabel("Without steps of others").isChecked()).toBe(true);
  });

  test("reads of a long log its end alone, and says that there is more", async () => {
    const { id } = await pages.server.client.runs.start({ ref: "made.long" }, { waitMs: 10_000 });
    const page = await visit(`/runs/${id}`);
    let bytes = 0;
    await page.route("**/logs?*", async (route) => {
      const response = await route.fetch();
      bytes += (await response.body()).length;
      await route.fulfill({ response });
    });
    await signIn(page);
    await page.getByRole("log").getByText("line 20000").waitFor();
    await page.getByText(`Older lines are not shown: yard logs ${id}`).waitFor();
    await page.getByText("reading", { exact: true }).waitFor({ state: "detached" });
    expect(await page.getByRole("log").getByText("line 15001", { exact: true }).count()).toBe(1);
    expect(await page.getByRole("log").getByText("line 15000", { exact: true }).count()).toBe(0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(100_000);
  });

  test("does not say of a run that has ended that nothing is written yet, while its log is still read", async () => {
    const { id } = await pages.server.client.runs.start(
      { ref: "made.colours" },
      { waitMs: 10_000 },
    );
    const page = await visit(`/runs/${id}`);
    let read = (): void => {};
    const isAsked = new Promise<void>((asked) => {
      void page.route("**/logs?*", (route) => {
        read = () => void route.continue();
        asked();
      });
    });
    await signIn(page);
    await isAsked;
    const log = page.getByRole("region", { name: "Log" });
    await log.getByText("Reading the log…").waitFor();
    read();
    await log.getByText("red and plain").waitFor();
  });

  test("does not say that it connects on the page of a run that has ended", async () => {
    const run = await pages.server.client.runs.start({ ref: "core.echo" }, { waitMs: 10_000 });
    const page = await visit(`/runs/${run.id}`);
    await page.route("**/v1/stream*", () => {});
    await signIn(page);
    await page.getByRole("status").getByText("Ended").waitFor();
  });

  test("copies the log as it is shown, without the codes of its colours", async () => {
    const run = await pages.server.client.runs.start({ ref: "made.colours" }, { waitMs: 10_000 });
    expect(run.error?.message).toBe("The process exited with code 3: first\nred and plain");
    const page = await visit(`/runs/${run.id}`);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await signIn(page);
    await page.getByRole("log").getByText("red and plain").waitFor();
    await page.getByRole("button", { name: "Copy the log" }).click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe("first\nred and plain\n");
  });

  test("cancels a run when that is meant, and not when it is not", async () => {
    const { id } = await pages.server.client.runs.start({
      ref: "core.sleep",
      input: { duration: "10m" },
    });
    const page = await visit(`/runs/${id}`);
    await signIn(page);
    await page.getByRole("button", { name: "Cancel run" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    // Who works by keyboard is where they were, not at the top of the page.
    await page.locator("button:focus", { hasText: "Cancel run" }).waitFor();
    expect((await pages.server.client.runs.get(id)).finished_at).toBeNull();
    await page.getByRole("button", { name: "Cancel run" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel run" }).click();
    await page.getByRole("status").getByText("Canceled").waitFor();
    expect(await pages.server.client.runs.get(id)).toMatchObject({ status: "canceled" });
    expect(await page.getByRole("button", { name: "Cancel run" }).count()).toBe(0);
  });

  test("tries a failed run again, and goes to the new one; the docs are a link away", async () => {
    const { id } = await pages.server.client.runs.start(
      { ref: "core.fail", input: { message: "no" } },
      { waitMs: 10_000 },
    );
    const page = await visit(`/runs/${id}`);
    await signIn(page);
    await page.getByRole("button", { name: "Retry run" }).click();
    // Among its facts, and in what explains it.
    await page.getByRole("link", { name: id }).first().waitFor();
    const { value: again } = await pages.server.client.runs.list({ retry_of: id }).next();
    expect(page.url()).toBe(`${pages.server.url}/runs/${again?.id}`);
    await page.getByRole("link", { name: "Docs" }).click();
    await page.waitForURL("**/docs/**");
  });

  test("starts a run, and says what the server has against an input", async () => {
    const page = await visit("/");
    await signIn(page);
    await page.getByRole("button", { name: "Start a run" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Workflow or action").fill("examples.greet");
    await dialog.getByText("It takes people*, delay;").waitFor();
    await dialog.getByLabel("Input").fill('{"poeple": []}');
    await dialog.getByRole("button", { name: "Start" }).click();
    await dialog.getByText(/did you mean "people"/).waitFor();
    await dialog.getByLabel("Input").fill('{"people": ["Ada"]}');
    await dialog.getByRole("button", { name: "Start" }).click();
    await page.getByRole("heading", { name: "examples.greet" }).waitFor();
  });

  test("goes on to older runs page by page, without a gap or a double, and keeps its place over a reload", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 60; n++)
      ids.push((await pages.server.client.runs.start({ ref: "core.echo", input: { n } })).id);
    const page = await visit("/?ref=core.echo");
    await signIn(page);
    const shown = async () => {
      const links = await page.getByRole("listitem").getByRole("link").all();
      return await Promise.all(links.map((link) => link.getAttribute("href")));
    };
    await row(page, ids[59] as string).waitFor();
    const newest = await shown();
    await page.getByRole("link", { name: "Older runs" }).press("Enter");
    await row(page, ids[0] as string).waitFor();
    const older = await shown();
    const all = await pages.server.client.runs.page({ ref: "core.echo", limit: 200 });
    expect([...newest, ...older]).toEqual(all.items.map((run) => `/runs/${run.id}`));
    await page.reload();
    await row(page, ids[0] as string).waitFor();
    expect(await shown()).toEqual(older);
    await row(page, ids[0] as string).click();
    await page.getByRole("heading", { name: "core.echo" }).waitFor();
    await page.goBack();
    await row(page, ids[0] as string).waitFor();
    await page.getByRole("link", { name: "Newest runs" }).click();
    await row(page, ids[59] as string).waitFor();
  });

  test("holds the list still while its reader is down in it, with what changes in it, and goes on at its top", async () => {
    const { id } = await pages.server.client.runs.start({
      ref: "core.sleep",
      input: { duration: "10m" },
    });
    const page = await visit("/");
    await page.setViewportSize({ width: 1200, height: 150 });
    await signIn(page);
    await row(page, id).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    await page.getByRole("button", { name: "To the newest" }).waitFor();
    const newer = await pages.server.client.runs.start({ ref: "core.echo", input: {} });
    await pages.server.client.runs.cancel(id);
    await row(page, id).getByText("Canceled", { exact: true }).waitFor();
    expect(await row(page, newer.id).count()).toBe(0);
    await page.getByRole("button", { name: "To the newest" }).click();
    await row(page, newer.id).waitFor();
  });

  test("reads no inputs and outputs for its list", async () => {
    const text = "x".repeat(300_000);
    const { id } = await pages.server.client.runs.start({ ref: "core.echo", input: { text } });
    const page = await visit("/");
    // The sign-in asks for a run too.
    const list = page.waitForResponse((response) => /\/v1\/runs\?.*limit=50/.test(response.url()));
    await signIn(page);
    await row(page, id).waitFor();
    expect((await (await list).body()).length).toBeLessThan(text.length);
    // One whose values are not known yet gets them on its own page.
    await row(page, id).click();
    await page.getByRole("region", { name: "Input" }).getByText("more characters").waitFor();
  });

  test("lends its token to a tab beside it, and signs out of all of them", async () => {
    const page = await visit("/");
    await signIn(page);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    const beside = await page.context().newPage();
    await beside.goto(pages.server.url);
    await beside.getByRole("heading", { name: "Runs" }).waitFor();
    await beside.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("Signed out in another tab.").waitFor();
    await page.reload();
    await page.getByLabel("Token").waitFor();
  });

  test("asks for a token again when its own is revoked, and does not say that the server is gone", async () => {
    const own = await pages.server.client.tokens.create({ name: "short", scopes: ["runs:read"] });
    const page = await visit("/");
    await signIn(page, own.token);
    await page.getByText("Live", { exact: true }).waitFor();
    await pages.server.client.tokens.remove(own.id);
    await page.getByText("The token is not valid any more.").waitFor();
    await page.getByLabel("Token").waitFor();
  });

  test("fits a phone, in the dark", async () => {
    const { id } = await pages.server.client.runs.start({ ref: "made.rest", input: {} });
    const page = await visit("/", { width: 360 });
    await page.emulateMedia({ colorScheme: "dark" });
    await signIn(page);
    for (const show of [() => row(page, id).waitFor(), () => row(page, id).click()]) {
      await show();
      expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    }
    await page.getByRole("button", { name: /^a_step_whose/ }).click();
    expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    // A card cuts off what does not fit it.
    const whole = await page.getByRole("button", { name: "Whole run" }).boundingBox();
    expect((whole?.x ?? 0) + (whole?.width ?? 360)).toBeLessThan(350);
    await page.goto(`${pages.server.url}/docs/api`);
    expect(await page.evaluate(TOO_WIDE)).toEqual([]);
  });

  test("fits a phone while it connects", async () => {
    const page = await visit("/", { width: 360 });
    // Never answered.
    await page.route("**/v1/stream*", () => {});
    await signIn(page);
    await page.getByRole("status").getByText("Connecting").waitFor();
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    expect(await page.evaluate(TOO_WIDE)).toEqual([]);
  });

  test("says that the server is gone, and that there is no such run or page", async () => {
    const other = await startOther("other");
    onTestFinished(() => other.stop());
    const page = await visit("/runs/0197a1b2-0000-7000-8000-000000000001", { url: other.url });
    await signIn(page);
    await page.getByRole("heading", { name: "There is no such run" }).waitFor();
    await page.getByRole("link", { name: "Show all runs" }).click();
    await page.getByText("Nothing has run yet").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    // What is no id is refused, which is not the same as a server that is gone.
    await page.goto(`${other.url}/runs/nope`);
    await page.getByRole("heading", { name: "There is no such run" }).waitFor();
    await page.getByRole("status").getByText("Ended").waitFor();
    await page.getByRole("link", { name: "Show all runs" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    other.child.kill("SIGTERM");
    await page.getByRole("alert").getByText("The server is out of reach.").waitFor();
  });
});
