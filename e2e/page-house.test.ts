import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Client } from "@yardmaster/sdk";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hasBrowser, TOO_WIDE } from "./browser.ts";
import { type PackFiles, writePacks } from "./page-server.ts";
import { setUpPages } from "./pages.ts";

const NODE_PROGRAM = resolve(import.meta.dirname, "../packages/node/bin/yard-node.js");

/** A task of a far zone; an action that waits in a queue for another to end; a workflow, a rule and a sensor beside them. */
const PACK = {
  "pack.yaml": "pack: house\nversion: 1.2.0\n",
  "actions/work.yaml":
    "action: house.work\ndescription: Works until it is let go.\nrunner: process\nqueue: lane\ntimeout: 20m\n" +
    "input: { who: { type: string, required: true, description: For whom. }, times: { type: integer, default: 1 } }\n" +
    "script: sleep 600\n",
  "workflows/round.yaml":
    "workflow: house.round\ninput: { name: string! }\nsteps:\n  - { id: tell, uses: core.echo, with: { name: '${{ input.name }}' } }\n",
  "rules/done.yaml":
    "rule: house.done\non: house.tick\nif: event.data.count > 3\nrun: house.round\nwith: { name: '${{ string(event.data.count) }}' }\n",
  "sensors/watch.yaml":
    "sensor: house.watch\nevents: { tick: { count: integer! } }\nscript: sleep 600\n",
  "queues/lane.yaml": "queue: lane\ndescription: One at a time.\nconcurrency: 1\n",
  "tasks/nightly.yaml":
    "task: house.nightly\ndescription: Looks at all of it.\n" +
    'schedule: { cron: "30 2 * * *", timezone: Asia/Tokyo }\nrun: core.echo\nwith: { why: "${{ event.data.reason }}" }\n',
};

describe.skipIf(!hasBrowser())("the pages of what stands for long", () => {
  const pages = setUpPages({ house: PACK });
  let client: Client;
  beforeAll(() => {
    client = pages.server.client;
  });

  interface Visit {
    readonly token?: string;
    readonly width?: number;
  }

  /** The page of somebody new, signed in. */
  async function visit(path: string, { token, ...options }: Visit = {}): Promise<Page> {
    const page = await pages.visit(path, options);
    await pages.signIn(page, token);
    return page;
  }

  const editPack = (files: PackFiles[string]): void => writePacks(pages.folder, { house: files });

  /** A token that may read runs and nothing else. */
  async function fewScopes(name: string): Promise<string> {
    const { token } = await client.tokens.create({ name, scopes: ["runs:read"] });
    return token;
  }

  describe("tasks:", () => {
    test("lists them with their schedule, the next time by the clock of their zone, and how the last run stands", async () => {
      await client.tasks.create({
        ...{ title: "Tidy up", schedule_kind: "interval", schedule_expr: "15m" },
        payload: { workflow: "core.echo" },
      });
      const page = await visit("/tasks");
      const nightly = page.getByRole("link", { name: "house.nightly" });
      await nightly.getByText("30 2 * * * Asia/Tokyo").waitFor();
      await nightly.getByText(/^\w{3} \d{4}-\d\d-\d\d 02:30$/).waitFor();
      await nightly.getByText("Never ran").waitFor();
      await page.getByRole("link", { name: "Tidy up" }).getByText("Every 15m").waitFor();
      // As it runs elsewhere, without a reload.
      await client.tasks.runNow("house.nightly");
      await nightly.getByText("Success").waitFor();
      await page.getByLabel("Filter by title or name").fill("tidy");
      await page.getByLabel("Filter by title or name").press("Enter");
      await nightly.waitFor({ state: "detached" });
      // Who filters by keyboard stays where they are.
      await page.locator("input:focus").waitFor();
      await page.getByRole("button", { name: "Paused" }).click();
      await page.getByText("No paused task with “tidy”").waitFor();
      await page.reload();
      await page.getByText("No paused task with “tidy”").waitFor();
    });

    test("shows when one is due next and why, and has it run now, beside its schedule", async () => {
      const page = await visit("/tasks/house.nightly");
      await page.getByText("Looks at all of it.").waitFor();
      const times = page.getByRole("region", { name: "Next times" });
      await times.getByText("Asia/Tokyo").waitFor();
      await expect.poll(() => times.getByText(/ 02:30$/).count()).toBe(10);
      await page
        .getByRole("region", { name: "Why" })
        .getByText(/active: due at/)
        .waitFor();
      await page.getByRole("button", { name: "Run now" }).click();
      const link = page.getByRole("status").getByRole("link");
      const href = await link.getAttribute("href");
      const runs = page.getByRole("region", { name: "Last runs" });
      await runs.locator(`a[href="${href}"]`).getByText("Success").waitFor();
      await link.click();
      await page.getByRole("heading", { name: "core.echo" }).waitFor();
    });

    test("puts the next run of one off, pauses it and lets it go on", async () => {
      const before = await client.tasks.get("house.nightly");
      const page = await visit("/tasks/house.nightly");
      await page.getByRole("button", { name: "Put off" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("So much later").fill("soon");
      await dialog.getByRole("button", { name: "Put off" }).click();
      await dialog.getByText('"soon" is no duration. Write it like 30m, 2h or 1d.').waitFor();
      await dialog.getByLabel("So much later").fill("8d");
      await dialog.getByRole("button", { name: "Put off" }).click();
      await dialog.getByText("A run is put off by 7 days at most, all in all.").waitFor();
      await dialog.getByLabel("So much later").fill("30m");
      await dialog.getByRole("button", { name: "Put off" }).click();
      const times = page.getByRole("region", { name: "Next times" });
      await times.getByText(/ 03:00$/).waitFor();
      await times.getByText(/put off to then/).waitFor();
      const after = await client.tasks.get("house.nightly");
      expect(Date.parse(after.next_run ?? "") - Date.parse(before.next_run ?? "")).toBe(1_800_000);

      await page.getByRole("button", { name: "Pause" }).click();
      await dialog.getByLabel(/It goes on by itself at/).fill("2099-01-01T00:00");
      await dialog.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("status").getByText("Paused").waitFor();
      await times.getByText("It is paused: it is due at no time until it goes on.").waitFor();
      expect((await client.tasks.get("house.nightly")).resume_at).not.toBeNull();
      await page.getByRole("button", { name: "Resume" }).click();
      await page.getByRole("status").getByText("Active").waitFor();
      await times
        .getByText(/ 02:30$/)
        .first()
        .waitFor();
    });

    test("cancels one when that is meant, and not when it is not", async () => {
      const { id } = await client.tasks.create({
        ...{ title: "Not for long", schedule_kind: "manual" },
        payload: { workflow: "core.echo" },
      });
      const page = await visit(`/tasks/${id}`);
      await page.getByRole("button", { name: "Cancel task" }).click();
      await page.getByRole("button", { name: "Keep it" }).click();
      expect((await client.tasks.get(id)).status).toBe("active");
      await page.getByRole("button", { name: "Cancel task" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Cancel task" }).click();
      await page.getByRole("status").getByText("Canceled").waitFor();
      expect(
        await page.getByRole("button", { name: /^(Run now|Pause|Cancel task)$/ }).count(),
      ).toBe(0);
    });

    test("says of one that is not there that it is not, and to who may not read them what their token lacks", async () => {
      const page = await visit("/tasks/house.nihgtly");
      await page.getByRole("heading", { name: "There is no such task" }).waitFor();
      const few = await visit("/tasks", { token: await fewScopes("no-tasks") });
      await few.getByText(/may not read tasks: it needs the scope tasks:read/).waitFor();
    });
  });

  describe("nodes:", () => {
    /** Starts the node by the line that was shown for its machine, which is this one. */
    function joinBy(line: string): void {
      const [, , ...words] = line.split(" ");
      const home = mkdtempSync(join(pages.folder, "node-"));
      const node = spawn(process.execPath, [NODE_PROGRAM, ...words], {
        cwd: home,
        env: { PATH: process.env["PATH"] ?? "", HOME: home },
        stdio: "ignore",
      });
      const ended = new Promise((done) => node.once("close", done));
      onTestFinished(async () => {
        node.kill("SIGTERM");
        await ended;
      });
    }

    test("pairs one with the line to paste, shows it as it comes, and what is done to it", async () => {
      const page = await visit("/nodes");
      await page.getByText("There are no nodes").waitFor();
      await page.getByRole("button", { name: "Pair a node" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Name").fill("lab");
      await dialog.getByLabel(/^Labels/).fill("=7");
      await dialog.getByLabel("write files").uncheck();
      await dialog.getByRole("button", { name: "Pair" }).click();
      await dialog.getByText('The label "=7" has no key').waitFor();
      await dialog.getByLabel(/^Labels/).fill("rack=7, gpu");
      await dialog.getByRole("button", { name: "Pair" }).click();
      await dialog.getByText(/the server's own machine alone/).waitFor();
      const line = (await dialog.getByText(/^yard node run/).textContent()) ?? "";
      await dialog.getByLabel(/^Address of the server/).fill("https://yard.example.org");
      await dialog
        .getByText(/^yard node run --server wss:\/\/yard\.example\.org --token/)
        .waitFor();
      await dialog.getByRole("button", { name: "Done" }).click();

      const row = page.getByRole("link", { name: "lab" });
      await row.getByText("Never seen").waitFor();
      joinBy(line);
      await row.getByText("Connected").waitFor();
      await row.getByText("rack=7").waitFor();
      await row.click();
      await page.getByRole("heading", { name: "lab" }).waitFor();
      await page.getByText("Not to write files").waitFor();
      await client.nodes.exec("lab", { command: "exit 3" });
      const acts = page.getByRole("region", { name: "Last calls and changes" });
      const act = acts.getByRole("listitem").filter({ hasText: "exit 3" });
      await act.getByText("token:admin").waitFor();
    });

    test("renames one, gives it a new token over its link, and revokes it when that is meant", async () => {
      const { node } = await client.nodes.pair({ name: "loft" });
      const page = await visit("/nodes/loft");
      const dialog = page.getByRole("dialog");
      // A link that is not encrypted is given no token: what the server says of one that is stands in for it.
      const json = { node, delivered: true, token: null, token_kind: null, expires_at: null };
      await page.route("**/rotate", (route) => route.fulfill({ json }));
      await page.getByRole("button", { name: "New token" }).click();
      await dialog.getByRole("button", { name: "New token" }).click();
      await dialog.getByText(/It went over the node’s link/).waitFor();
      await dialog.getByRole("button", { name: "Done" }).click();
      await page.getByRole("button", { name: "Rename" }).click();
      await dialog.getByLabel("New name").fill("lab/7");
      await dialog.getByRole("button", { name: "Rename" }).click();
      await dialog.getByText(/must not contain "\/"/).waitFor();
      await dialog.getByLabel("New name").fill("attic lab");
      await dialog.getByRole("button", { name: "Rename" }).click();
      await page.getByRole("heading", { name: "attic lab" }).waitFor();

      await page.getByRole("button", { name: "Revoke node" }).click();
      await page.getByRole("button", { name: "Keep it" }).click();
      expect((await client.nodes.get("attic lab")).revoked_at).toBeNull();
      await page.getByRole("button", { name: "Revoke node" }).click();
      await dialog.getByLabel(/^Why/).fill("it was sold");
      await dialog.getByRole("button", { name: "Revoke node" }).click();
      await page.getByRole("status").getByText("Revoked").waitFor();
      await page.getByText(/It was revoked at .* \(it was sold\)/).waitFor();
      await expect
        .poll(() => page.getByRole("button", { name: /^(Rename|Revoke node)$/ }).count())
        .toBe(0);
    });

    test("shows the new token of one that is not there, this once", async () => {
      await client.nodes.pair({ name: "shed" });
      const page = await visit("/nodes/shed");
      await page.getByText(/Run the line that `yard node pair` gave/).waitFor();
      await page.getByRole("button", { name: "New token" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "New token" }).click();
      await dialog.getByText(/^yard node run .* --name shed --force$/).waitFor();
      await dialog.getByRole("button", { name: "Done" }).click();
      await expect.poll(() => page.getByText("--token").count()).toBe(0);
    });

    test("says of one that is not there that it is not, and to who may not read them what their token lacks", async () => {
      const page = await visit("/nodes/shde");
      await page.getByRole("heading", { name: "There is no such node" }).waitFor();
      const few = await visit("/nodes", { token: await fewScopes("no-nodes") });
      await few.getByText(/may not read nodes: it needs the scope nodes:read/).waitFor();
      await few.getByRole("button", { name: "Pair a node" }).click();
      await few.getByRole("dialog").getByLabel("Name").fill("mine");
      await few.getByRole("dialog").getByRole("button", { name: "Pair" }).click();
      await few
        .getByRole("dialog")
        .getByText(/lacks the scope nodes:write/)
        .first()
        .waitFor();
    });
  });

  describe("queues:", () => {
    test("show what stands in line and why, are paused and let go on, and lead to the run that runs", async () => {
      const start = async (who: string) =>
        await client.runs.start({ ref: "house.work", input: { who } });
      const [first, second] = [await start("a"), await start("b")];
      onTestFinished(async () => {
        for (const { id } of [second, first]) await client.runs.cancel(id).catch(() => undefined);
      });
      const page = await visit("/queues");
      const row = page.getByRole("link", { name: "lane" });
      await row.getByText("1 of 1 running").waitFor();
      await row.getByText("1 waits").waitFor();
      await row.click();
      const line = page.getByRole("region", { name: "In line" });
      await line.locator(`a[href^="/runs/${second.id}"]`).waitFor();
      await page
        .getByRole("region", { name: "Why" })
        .getByText("full: 1 of 1 run, 1 wait")
        .waitFor();
      await page.getByRole("button", { name: "Pause queue" }).click();
      await page.getByRole("status").getByText("Paused").waitFor();
      await page.getByText("paused by token:admin: nothing in it is started").waitFor();
      await client.runs.cancel(first.id);
      await page.getByText("Nothing runs in it.").waitFor();
      await line.getByRole("link").waitFor();
      await page.getByRole("button", { name: "Resume queue" }).click();
      const running = page.getByRole("region", { name: "Running" });
      await running.getByRole("link").click();
      await page.getByRole("heading", { name: "house.work" }).waitFor();
      expect(page.url()).toContain(`/runs/${second.id}`);
    });

    test("say to who may not read them what their token lacks, and of one that is not there that it is not", async () => {
      const page = await visit("/queues/lame");
      await page.getByRole("heading", { name: "There is no such queue" }).waitFor();
      await page.getByRole("link", { name: "Show all queues" }).click();
      await page.getByRole("button", { name: "Held" }).click();
      await page.getByText("No queue is held").waitFor();
      const few = await visit("/queues", { token: await fewScopes("no-queues") });
      await few.getByText(/may not read queues: it needs the scope queues:read/).waitFor();
    });
  });

  describe("packs:", () => {
    test("show what they define, and start it with what it takes", async () => {
      const page = await visit("/packs");
      await page.getByRole("link", { name: "house" }).click();
      await page.getByText("1 workflow, 1 action, 1 rule, 1 task, 1 sensor, 1 queue").waitFor();
      await page
        .getByRole("region", { name: "Rules" })
        .getByText("on house.tick, starts house.round")
        .waitFor();
      await page.getByRole("region", { name: "Sensors" }).getByText("Running").waitFor();
      const actions = page.getByRole("region", { name: "Actions" });
      await actions.getByText("process · within 20 m 00 s · queue lane").click();
      await actions.getByText("string, must be given").waitFor();
      await actions.getByText("For whom.").waitFor();
      await actions.getByText("integer, else 1").waitFor();
      await page.getByRole("button", { name: "Start house.round" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("It takes name*;").waitFor();
      await dialog.getByLabel("Input").fill('{"name": "Ada"}');
      await dialog.getByRole("button", { name: "Start" }).click();
      await page.getByRole("heading", { name: "house.round" }).waitFor();
      await page.goBack();
      await page.getByRole("region", { name: "Tasks" }).getByRole("link").click();
      await page.getByRole("heading", { name: "house.nightly" }).waitFor();
    });

    test("show where an edit is broken and the way out, with what goes on, until it is mended", async () => {
      const page = await visit("/packs/house");
      await page.getByRole("status").getByText("Active").waitFor();
      editPack({ "actions/work.yaml": PACK["actions/work.yaml"].replace("process", "proces") });
      onTestFinished(() => editPack(PACK));
      const flaws = page.getByRole("region", { name: "1 problem" });
      await flaws.getByText("actions/work.yaml:3:9").waitFor();
      await flaws.getByText('there is no runner "proces"').waitFor();
      await flaws.getByText('did you mean "process"?').waitFor();
      await flaws.getByText(/Version 1\.2\.0 as it was before goes on\./).waitFor();
      await page.getByRole("link", { name: "Packs" }).first().click();
      const row = page.getByRole("link", { name: "house" });
      await row.getByText(/1 problem, found .*; the version before goes on/).waitFor();
      editPack(PACK);
      await page.getByRole("button", { name: "Read folders again" }).click();
      await row.getByText("Active").waitFor();
    });

    test("say to who may not read them what their token lacks", async () => {
      const few = await visit("/packs", { token: await fewScopes("no-packs") });
      await few.getByText(/may not read packs: it needs the scope packs:read/).waitFor();
      const { token } = await client.tokens.create({
        ...{ name: "packs-alone", scopes: ["runs:read", "packs:read"] },
      });
      const part = await visit("/packs/house", { token });
      await part.getByText(/may not read sensors: it needs the scope sensors:read/).waitFor();
      await part.getByRole("button", { name: "Start house.round" }).waitFor();
    });
  });

  test("all of them fit a phone, in the dark", async () => {
    await client.nodes.pair({ name: "cellar", labels: { what_it_is_for: "x".repeat(120) } });
    const page = await visit("/tasks", { width: 360 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
    for (const [path, shown] of [
      ["/tasks", "house.nightly"],
      ["/tasks/house.nightly", "Next times"],
      ["/nodes", "cellar"],
      ["/nodes/cellar", "Last calls and changes"],
      ["/queues", "lane"],
      ["/queues/lane", "In line"],
      ["/packs", "house"],
      ["/packs/house", "Workflows"],
    ] as const) {
      await page.goto(pages.server.url + path);
      await page.getByText(shown).first().waitFor();
      expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    }
  });
});
