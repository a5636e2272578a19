import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstallation, type Installation, type Running } from "./installation.ts";

/** A system on which `yard` learns that a pipe has no reader before it writes into it. */
const tellsOfReaders =
  process.platform === "linux" &&
  spawnSync("tail", ["--version"], { encoding: "utf8" }).stdout?.includes("GNU coreutils");
if (!tellsOfReaders)
  process.stdout.write("skipped: no tail of GNU coreutils here, readers that go were not tested\n");

let installation: Installation;
let server: Running;

beforeAll(async () => {
  installation = createInstallation("cli");
  server = await installation.start("--packs", "packs");
});
afterAll(async () => expect(await installation.remove(server)).toBe(0));

const yard = (...argv: string[]) => installation.yard(...argv);
const yardWith = (...call: Parameters<Installation["yardWith"]>) => installation.yardWith(...call);

test("runs a workflow, shows each step as it ends, and gives its output", async () => {
  const { code, stdout, stderr } = await yard(
    "run",
    "examples.greet",
    'people=["Ada","Grace","Mosaic"]',
    "--watch",
  ).ended;
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toMatch(/step each success, in .*, 3 items\n/);
  expect(stdout).toMatch(/run [0-9a-f-]{36} examples.greet success\n/);
  expect(stdout).toContain('"applauded": true');
});

test("waits for a run, lists it, shows it, explains it and verifies it", async () => {
  const { code, stdout } = await yard("run", "core.echo", "hello=world", "--wait", "20", "--json")
    .ended;
  expect(code).toBe(0);
  const run = JSON.parse(stdout) as { id: string };
  expect(run).toMatchObject({ ref: "core.echo", status: "success", output: { hello: "world" } });
  expect((await yard("runs", "--ref", "core.echo").ended).stdout).toContain(run.id);
  expect((await yard("runs", "show", run.id).ended).stdout).toContain("core.echo");
  expect(await yard("explain", run.id).ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("✓"),
  });
  expect(await yard("verify", run.id).ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("the same decisions"),
  });
});

test("exits with 1 when the work failed, 2 for a wrong input, 3 for what is not there", async () => {
  const failed = await yard("run", "core.fail", "message=on purpose", "--wait", "20").ended;
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining("on purpose") });
  const wrong = await yard("run", "examples.greet", "poeple=[]").ended;
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("people") });
  expect((await yard("run", "examples.gret").ended).code).toBe(3);
  expect((await yard("logs", "01a1f8b7-e8ab-733a-b0a7-cff86218ebe9").ended).code).toBe(3);
});

test("leaves a watched run alone on Ctrl-C, and cancels it when told to", async () => {
  const watch = yard("run", "core.sleep", "duration=10m", "--watch");
  const id = /run ([0-9a-f-]{36})/.exec(await watch.says("core.sleep"))?.[1] as string;
  watch.child.kill("SIGINT");
  expect(await watch.ended).toMatchObject({
    code: 130,
    stderr: expect.stringContaining(`yard cancel ${id}`),
  });
  expect((await yard("runs", "show", id, "--json").ended).stdout).toMatch(
    /"status":"(waiting|running)"/,
  );
  const again = yard("runs", "show", id, "--watch");
  await again.says(id);
  expect((await yard("cancel", id).ended).code).toBe(0);
  expect(await again.ended).toMatchObject({
    code: 130,
    stdout: expect.stringContaining("canceled"),
  });
  expect((await yard("cancel", id).ended).code).toBe(5);
});

test("follows the logs of a run to its end", async () => {
  const { stdout } = await yard("run", "examples.stamp", "--json").ended;
  const { id } = JSON.parse(stdout) as { id: string };
  const logs = await yard("logs", id, "--follow").ended;
  expect(logs).toMatchObject({ code: 0, stdout: expect.stringMatching(/\| on \w+ at \d\d:\d\d/) });
});

test.skipIf(!tellsOfReaders)(
  "ends with the reader of what it follows, though no further line comes",
  async () => {
    const { stdout } = await yard("run", "core.sleep", "duration=10m", "--json").ended;
    const { id } = JSON.parse(stdout) as { id: string };
    const short = id.slice(-8);
    const piped = (call: string, reader: string) =>
      installation.shell(`{ yard ${call}; echo "exit $?" >&2; } | ${reader}`).ended;
    expect(await piped(`runs show ${short} --watch`, "head -n 1")).toMatchObject({
      stdout: expect.stringContaining(id),
      stderr: "exit 0\n",
    });
    expect(await piped(`logs ${short} --follow`, "true")).toMatchObject({ stderr: "exit 0\n" });
    expect((await yard("cancel", short).ended).code).toBe(0);
  },
);

test("sends an event, and says of it that no rule listens", async () => {
  const sent = await yard("events", "send", "--type", "shop.order", "--data", '{"n":1}', "--json")
    .ended;
  expect(sent.code).toBe(0);
  const { id } = JSON.parse(sent.stdout) as { id: string };
  expect((await yard("events", "--type", "shop.order").ended).stdout).toContain(id);
  expect((await yard("explain", id).ended).stdout).toContain("No rule listens on shop.order");
});

test("shows server, packs, sources, decisions and tokens, each also as JSON", async () => {
  for (const command of ["status", "packs", "sources", "decisions", "tokens"]) {
    const human = await yard(command).ended;
    expect(human, command).toMatchObject({ code: 0, stderr: "" });
    const { stdout } = await yard(command, "--json").ended;
    for (const line of stdout.split("\n").filter(Boolean))
      expect(JSON.parse(line), command).toBeTypeOf("object");
  }
});

test("makes a token that may do what it was made for and no more, and takes it back", async () => {
  const { stdout } = await yard("tokens", "create", "reader", "--scope", "runs:read", "--json")
    .ended;
  const { id, token } = JSON.parse(stdout) as { id: string; token: string };
  const asReader = { YARD_TOKEN: token };
  expect((await yardWith(asReader, "runs").ended).code).toBe(0);
  expect((await yardWith(asReader, "run", "core.noop").ended).code).toBe(4);
  const wrong = await yard("tokens", "create", "other", "--scope", "runs:raed").ended;
  expect(wrong.code).toBe(2);
  expect((await yard("tokens", "remove", id).ended).code).toBe(0);
  expect((await yardWith(asReader, "runs").ended).code).toBe(4);
  expect((await yard("tokens").ended).stdout).not.toContain(id);
});

test("copies an installation that is at work into a PostgreSQL of another data folder, which starts", async () => {
  const { id } = JSON.parse(
    (await yard("run", "core.echo", "n=1", "--wait", "20", "--json").ended).stdout,
  ) as { id: string };
  expect(await yard("db", "move", "embedded").ended).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("stop it first"),
  });
  const ours = (name: string): string => join(installation.folder, ".yard", name);
  const { url } = JSON.parse(readFileSync(ours("postgres.json"), "utf8")) as { url: string };
  const other = createInstallation("copied");
  const copied = await other.yardWith({ DATABASE_URL: url }, "db", "copy", "embedded").ended;
  expect(copied).toMatchObject({ code: 0, stdout: expect.stringMatching(/run_history +\d/) });
  expect(copied.stdout).toMatch(/Copied [\d,]+ rows of \d+ tables in/);
  copyFileSync(ours("admin-token"), join(other.folder, ".yard/admin-token"));
  const second = await other.start();
  const shown = await other.yard("runs", "show", id).ended;
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining("success") });
  expect(await other.remove(second)).toBe(0);
});
