import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../db/index.ts";
import { passwdUsers } from "../../passwd.ts";
import { outputOf, setUp } from "../attempt.fixture.ts";
import { handBack } from "../files/hand-back.ts";
import type { AttemptFiles } from "../files/index.ts";
import { layOut } from "../files/lay-out.ts";
import { createLastingStarter } from "../process/lasting.ts";
import { createWorkFolders } from "../work-folder/work-folder.ts";
import { type RunAs, readRunAs, runAsFlaw } from "./run-as.ts";

const isRoot = process.getuid?.() === 0;
const known = isRoot ? passwdUsers().find(({ name }) => name === "daemon") : undefined;
if (known === undefined)
  console.log("skipped: no root, or no user daemon: programs were not run as another user");
const asRoot = test.skipIf(known === undefined);
const user = (): RunAs => readRunAs("daemon") as RunAs;

/** A runner for that user, over folders that it may come to. */
function setUpFor(runAs: RunAs) {
  const one = setUp({ runAs });
  chmodSync(one.root, 0o711);
  chmodSync(one.pack, 0o755);
  return one;
}

function openFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "yard-run-as-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  chmodSync(root, 0o711);
  return root;
}

const SECRET = "x".repeat(40);
const noFiles = (given: AttemptFiles["given"] = []): AttemptFiles => ({
  given,
  refused: async () => undefined,
  read: async function* () {
    yield Buffer.from("hello");
  },
  overLimit: async () => undefined,
  reuse: async () => true,
  write: () => {
    throw new Error("not asked for");
  },
});
const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

test.each(["", "a b", "a:b:c", "a:"])("%o names no user by its form", (text) => {
  expect(runAsFlaw(text)).toMatch(/nobody, 1000:1000/);
});

test("whom nobody knows, or who this process cannot become, is refused with the way out", () => {
  expect(() => readRunAs("no-such-user")).toThrow(/no user no-such-user in \/etc\/passwd/);
  if (isRoot) expect(() => readRunAs("root")).toThrow(/name another user/);
  else expect(() => readRunAs("root")).toThrow(/only root may/);
});

asRoot("a number is a user too, with the group that is said", () => {
  expect(readRunAs("54321:54322")).toEqual({ uid: 54321, gid: 54322, home: "/" });
  expect(() => readRunAs("54321")).toThrow(/say its group/);
  expect(() => readRunAs("daemon:no-such-group")).toThrow(/no group no-such-group/);
});

asRoot(
  "a program is that user, in none of root's groups, at home, in a folder of its own",
  async () => {
    const runAs = user();
    const { sh, work } = setUpFor(runAs);
    const script = `printf '{"ids":"%s","home":"%s","made":"%s"}' "$(id -u):$(id -G)" "$HOME" "$(touch "$YARD_WORK/f" && echo yes)"`;
    expect(outputOf(await sh(script))).toEqual({
      ids: `${runAs.uid}:${runAs.gid}`,
      home: runAs.home,
      made: "yes",
    });
    expect(statSync(join(work, "f")).uid).toBe(runAs.uid);
  },
);

asRoot("it reads its input file, and not what only root may read", async () => {
  const { sh, root } = setUpFor(user());
  writeFileSync(join(root, "token"), SECRET, { mode: 0o600 });
  const script = `cat "$YARD_INPUT_FILE"; cat "${root}/token" >&2 || exit 3`;
  const result = await sh(script, { input: { a: 1 }, inputAs: "file", output: "text" });
  expect(result).toMatchObject({ status: "failed", facts: { exitCode: 3 } });
  expect(result.facts.stdoutBytes).toBe(8);
});

asRoot("the files that it is given are its own, with the folders around them", async () => {
  const runAs = user();
  const folder = join(openFolder(), "work");
  mkdirSync(folder, { mode: 0o700 });
  const given = [{ path: "a/b/c.txt", bytes: 5, sha256: HELLO, mode: "0644" } as const];
  const { signal } = new AbortController();
  expect(await layOut(folder, noFiles(given), signal, runAs)).toBeUndefined();
  for (const path of ["a", "a/b", "a/b/c.txt"])
    expect(statSync(join(folder, path)).uid).toBe(runAs.uid);
  expect(statSync(folder).uid).toBe(0);
  // What is in it already may be a link of somebody's to elsewhere.
  expect(await layOut(folder, noFiles(given), signal, runAs)).toMatchObject({
    code: "io_error",
    message: expect.stringContaining("a is in the work folder already"),
  });
});

asRoot("it has nobody else's file handed back, linked into its folder", async () => {
  const root = openFolder();
  const folder = join(root, "work");
  mkdirSync(folder);
  writeFileSync(join(root, "token"), SECRET, { mode: 0o600 });
  linkSync(join(root, "token"), join(folder, "mine.txt"));
  const { signal } = new AbortController();
  expect(await handBack(folder, ["*.txt"], noFiles(), signal, user())).toMatchObject({
    code: "io_error",
    message: expect.stringContaining("mine.txt belongs to another user"),
  });
});

asRoot("a process that lasts is that user too", async () => {
  const runAs = user();
  const { root, pack, work } = setUpFor(runAs);
  const said: (string | undefined)[] = [];
  const start = createLastingStarter({ runAs, graceMs: 300, maxLineBytes: 1_000 });
  const started = await start({
    spec: {
      kind: "process",
      script: 'echo "$(id -u) $HOME"; touch "$YARD_WORK/f"',
      output: "none",
    },
    packFolder: pack,
    workFolder: work,
    marks: { YARD_SESSION: root },
    greeting: "",
    onStdout: (line) => said.push(line?.toString()),
    onStderr: (line) => said.push(line?.toString()),
    onStdoutEnd: () => {},
  });
  if ("code" in started) throw new Error(started.message);
  await started.ended;
  expect(said).toEqual([`${runAs.uid} ${runAs.home}`]);
  expect(statSync(join(work, "f")).uid).toBe(runAs.uid);
});

asRoot(
  "its work folder serves once, and is removed by it, links and closed folders included",
  async () => {
    const runAs = user();
    const { sh, root } = setUpFor(runAs);
    const kept = join(root, "kept");
    mkdirSync(kept);
    writeFileSync(join(kept, "f"), "");
    const folders = createWorkFolders(join(root, "folders"), silentLog, runAs);
    chmodSync(join(root, "folders"), 0o711);
    const folder = folders.take();
    const script = `cd "$YARD_WORK"; ln -s "${kept}" link; mkdir -p closed/in; touch closed/in/f .hidden; chmod 0 closed; echo 1`;
    expect(outputOf(await sh(script, { workFolder: () => folder }))).toBe(1);
    await folders.giveBack(folder);
    expect(existsSync(folder)).toBe(false);
    expect(readdirSync(kept)).toEqual(["f"]);
    const empty = folders.take();
    await folders.giveBack(empty);
    expect(existsSync(empty)).toBe(false);
  },
);
