import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Sensor } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstallation, type Installation, type Running } from "./installation.ts";

/** Prints the lines that are put into a file, those first that were not told yet; a line `end` ends it. */
const TILL = `import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

createInterface({ input: process.stdin })
  .on("close", () => process.exit())
  .on("line", (line) => {
    const { config, cursor } = JSON.parse(line);
    let told = cursor ?? 0;
    console.error("open", told);
    setInterval(() => {
      const text = existsSync(config.file) ? readFileSync(config.file, "utf8") : "";
      for (const line of text.split("\\n").slice(told, -1)) {
        told += 1;
        if (line === "end") {
          console.log(JSON.stringify({ cursor: told }));
          console.error("out of paper");
          process.exit(3);
        }
        const data = { cents: Number(line) };
        console.log(JSON.stringify({ data, cursor: told }));
      }
    }, 50);
  });
`;

let installation: Installation;
let server: Running;
let url: string;

const sales = () => join(installation.folder, "sales.txt");
/** Puts lines into the file; how many there are now, which is the cursor of a sensor that has told them all. */
function sell(...lines: readonly string[]): number {
  appendFileSync(sales(), lines.map((line) => `${line}\n`).join(""));
  return readFileSync(sales(), "utf8").split("\n").length - 1;
}
const yard = (...argv: string[]) => installation.yard(...argv).ended;

beforeAll(async () => {
  installation = createInstallation("sensors");
  const files = {
    "pack.yaml": "pack: shop\nversion: 1.0.0\n",
    "code/till.mjs": TILL,
    "sensors/till.yaml": `sensor: shop.till\nentry: code/till.mjs\nconfig: { file: ${JSON.stringify(sales())} }\nevents: { sale: { cents: integer! } }\n`,
    "sensors/door.yaml": "sensor: shop.door\nscript: exec sleep 1000\nevents: { opened: {} }\n",
    "rules/on-sale.yaml":
      "rule: shop.on-sale\non: shop.sale\nif: event.data.cents > 1000\nrun: core.noop\n",
  };
  for (const [path, text] of Object.entries(files)) {
    const file = join(installation.folder, "packs/shop", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  server = await installation.start("--packs", "packs");
  url = /listens on (http:\S+)/.exec(await server.says("listens on"))?.[1] as string;
});
afterAll(async () => expect(await installation.remove(server)).toBe(0));

/** Asked of the server itself: on a busy machine a process that asks takes as long as a sensor rests. */
async function till(): Promise<Sensor> {
  const token = readFileSync(join(installation.folder, ".yard/admin-token"), "utf8").trim();
  const headers = { authorization: `Bearer ${token}` };
  return (await (await fetch(`${url}/v1/sensors/shop.till`, { headers })).json()) as Sensor;
}

test("stores what a sensor prints, judges it, and says how far the sensor is", async () => {
  const { stored } = await till();
  const cursor = sell("250", "2500");
  await expect.poll(till).toMatchObject({ status: "running", stored: stored + 2, cursor });
  const { stdout } = await yard("decisions", "--rule", "shop.on-sale");
  expect(stdout).toMatch(/shop\.on-sale +matched/);
  expect(stdout).toMatch(/shop\.on-sale +not matched .* event\.data\.cents > 1000/);
  expect((await yard("events", "--source", "/sensors/shop.till")).stdout).toContain("shop.sale");
  expect((await yard("sensors")).stdout).toMatch(/shop\.till +running +\d/);
});

test("a sensor that no rule listens to is stopped, and explain says what would start it", async () => {
  const explained = await yard("explain", "shop.door");
  expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining("shop.opened") });
  expect(explained.stdout).toMatch(
    /^○ The sensor shop\.door does not run: no rule listens to shop\.opened\./,
  );
});

test("a line that is no event is refused with its place in the log, which can be followed", async () => {
  const follow = installation.yard("sensors", "logs", "shop.till", "-f", "--tail", "1");
  const { refused } = await till();
  const cursor = sell("free", "300");
  await follow.says("cents");
  await expect.poll(till).toMatchObject({ status: "running", refused: refused + 1, cursor });
  follow.child.kill("SIGINT");
  expect(await follow.ended).toMatchObject({ code: 130, stderr: "" });
  const { stdout } = await yard("sensors", "logs", "shop.till");
  expect(stdout).toMatch(/^\S+Z open 0\n/m);
  expect(stdout).toMatch(/^\S+Z \[yard\] line \d+ .*\/data\/cents/m);
});

test("a paused sensor prints nothing, and goes on where it was", async () => {
  expect(await yard("sensors", "pause", "shop.till")).toMatchObject({
    code: 0,
    stdout: "shop.till  paused by token:admin\n",
  });
  await expect.poll(till).toMatchObject({ status: "stopped", pid: null });
  const { stored } = await till();
  const cursor = sell("400");
  expect((await yard("explain", "shop.till")).stdout).toContain("token:admin");
  expect((await yard("sensors", "resume", "shop.till")).stdout).toBe("shop.till  goes on\n");
  await expect.poll(till).toMatchObject({ status: "running", stored: stored + 1, cursor });
});

test("one that ends is told with what it wrote last, and goes on behind that when it is restarted", async () => {
  const cursor = sell("end", "500");
  await expect.poll(till).toMatchObject({
    status: "backoff",
    failures: 1,
    last_exit: { code: 3, stderr: expect.stringContaining("out of paper") },
  });
  const { stdout } = await yard("sensors", "shop.till");
  expect(stdout).toMatch(/last exit +code 3, /);
  expect(stdout).toContain("    out of paper\n");
  expect(await yard("sensors", "restart", "shop.till")).toMatchObject({ code: 0 });
  await expect.poll(till).toMatchObject({ status: "running", cursor });
});

test("a sensor that is reset tells all again, and one that is in no pack any more can be forgotten", async () => {
  const { stored, pid, cursor } = await till();
  writeFileSync(sales(), "100\n");
  expect(await yard("sensors", "reset", "shop.till")).toMatchObject({ code: 0 });
  await expect.poll(till).toMatchObject({ status: "running", stored: stored + 1, cursor: 1 });
  expect((await till()).pid).not.toBe(pid);
  expect(cursor).not.toBe(1);
  const refused = await yard("sensors", "forget", "shop.door");
  expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining("Remove its file") });
  rmSync(join(installation.folder, "packs/shop/sensors/door.yaml"));
  expect(await yard("packs", "reload")).toMatchObject({ code: 0 });
  expect((await yard("sensors")).stdout).toContain("yard sensors forget shop.door");
  expect((await yard("sensors", "forget", "shop.door")).stdout).toBe("Forgot shop.door.\n");
  expect((await yard("sensors", "shop.door")).code).toBe(3);
});

test("a token that may read sensors may not pause them; a name that is not there is told with the nearest", async () => {
  const made = await yard("tokens", "create", "watcher", "--scope", "sensors:read", "--json");
  const { token } = JSON.parse(made.stdout) as { token: string };
  const asWatcher = (...argv: string[]) =>
    installation.yardWith({ YARD_TOKEN: token }, ...argv).ended;
  expect((await asWatcher("sensors")).code).toBe(0);
  expect((await asWatcher("sensors", "pause", "shop.till")).code).toBe(4);
  expect(await yard("sensors", "shop.tll")).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/did you mean shop\.till\?/i),
  });
});
