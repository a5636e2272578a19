import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestFolder, smallPack, type TestFolder } from "../folder/pack-folder.fixture.ts";
import { checkPacks } from "./check-packs.ts";

let folder: TestFolder;
beforeEach(() => {
  folder = createTestFolder();
});
afterEach(() => folder.delete());

test("each pack of a folder is compiled, and what it holds is told", async () => {
  folder.write({ ...smallPack("one"), ...smallPack("two", "[") });
  const { packs, unreadable } = await checkPacks([folder.path]);
  expect(unreadable).toEqual([]);
  expect(packs).toMatchObject([
    {
      folder: `${folder.path}/one`,
      pack: "one",
      version: "1.0.0",
      actions: ["one.say"],
      errors: [],
    },
    {
      folder: `${folder.path}/two`,
      pack: "two",
      version: null,
      actions: [],
      errors: [{ path: "actions/say.yaml:4:1", file: "actions/say.yaml", line: 4, column: 1 }],
    },
  ]);
});

test("what two packs cannot both have is told at the later one: a pack's name, a queue, a source", async () => {
  const queue = { "queues/q.yaml": "queue: q\n" };
  folder.write({ ...smallPack("a", "x", queue), ...smallPack("b", "x", queue) });
  folder.write({ "z/pack.yaml": "pack: a\nversion: 2.0.0\n" });
  const { packs } = await checkPacks([folder.path]);
  expect(packs.map(({ errors }) => errors.map(({ message }) => message))).toEqual([
    [],
    ['the queue "q" is already defined by the pack "a"'],
    [`the pack "a" is already in ${folder.path}/a`],
  ]);
});

test("a folder that is not there is told, and the others are checked all the same", async () => {
  folder.write(smallPack("one"));
  const { packs, unreadable } = await checkPacks([`${folder.path}/none`, `${folder.path}/one`]);
  expect(packs.map((pack) => pack.pack)).toEqual(["one"]);
  expect(unreadable).toEqual([
    { folder: `${folder.path}/none`, message: "there is no such folder" },
  ]);
});

test("a file given for the folder of a pack is told so", async () => {
  folder.write(smallPack("one"));
  const { unreadable } = await checkPacks([`${folder.path}/one/pack.yaml`]);
  expect(unreadable[0]?.message).toBe(
    "is no folder; a pack is given by its folder, in which pack.yaml lies",
  );
});

test("a file with thousands of mistakes is told in a bounded list", async () => {
  const mistakes = Array.from({ length: 5_000 }, (_, i) => `x${i}: 1`).join("\n");
  folder.write(smallPack("one", `x\n${mistakes}`));
  const [pack] = (await checkPacks([folder.path])).packs;
  expect(pack?.errors).toHaveLength(201);
  expect(pack?.errors.at(-1)?.message).toBe("4800 more problems from here on");
});

test("a text that looks like another system's expression is warned of, where it stands", async () => {
  folder.write(smallPack("p"));
  folder.write({
    "p/workflows/w.yaml": `workflow: p.w
input: { name: string! }
steps:
  - id: say
    uses: p.say
  - id: note
    uses: core.echo
    with:
      meant: "\${{ input.name }}"
      shell: 'for run in a b; do echo "\${run} {{.Name}}"; done'
      dollar: "to \${input.name}"
      braces: ["{{ steps.say.output }}"]
      plain: "$\${{ input.name }}"
`,
  });
  const [pack] = (await checkPacks([folder.path])).packs;
  expect(pack?.errors).toEqual([]);
  expect(pack?.warnings.map(({ path, message }) => `${path} ${message}`)).toEqual([
    'workflows/w.yaml:11:19 "${…}" is no expression: the text stays as it is',
    'workflows/w.yaml:12:17 "{{…}}" is no expression: the text stays as it is',
  ]);
});

test("a text that is the way to a value, and a rule on what no webhook is, are warned of", async () => {
  folder.write(smallPack("p"));
  folder.write({
    "p/queues/line.yaml": "queue: line\nfifo: true\n",
    "p/workflows/w.yaml": `workflow: p.w
input: { name: string! }
steps:
  - id: say
    if: input.name != ""
    uses: core.echo
    queue: { name: line, key: input.name }
    with: { file: input.txt, said: "input.name is empty", all: "steps.say.output.map(x, x.n)" }
`,
    "p/rules/r.yaml": "rule: p.r\non: push\nrun: p.w\nwith: { name: event.subject }\n",
    "p/rules/s.yaml": "rule: p.s\non: gitea\nrun: core.noop\n",
  });
  const [pack] = (await checkPacks([folder.path])).packs;
  expect(pack?.errors).toEqual([]);
  expect(pack?.warnings.map(({ path, hint }) => `${path} ${hint}`)).toEqual([
    "rules/r.yaml:4:15 to have its value, write ${{ event.subject }}",
    "workflows/w.yaml:7:31 to have its value, write ${{ input.name }}",
    "workflows/w.yaml:8:64 to have its value, write ${{ steps.say.output.map(x, x.n) }}",
    'rules/r.yaml:2:5 write for example gitea.push or github.push; only events sent over the API are "push"',
    "rules/s.yaml:2:5 write gitea.* for all of them",
  ]);
});

describe("what would not start on this machine is warned of, where it is named", () => {
  /** Warnings of a pack `p` with one action, as `line:column message`. */
  async function warnings(action: string, files: { readonly [path: string]: string } = {}) {
    folder.write({ "p/pack.yaml": "pack: p\nversion: 1.0.0\n" });
    folder.write({ "p/actions/a.yaml": `action: p.a\nrunner: process\n${action}\n` });
    folder.write(Object.fromEntries(Object.entries(files).map(([at, text]) => [`p/${at}`, text])));
    const [pack] = (await checkPacks([folder.path])).packs;
    expect(pack?.errors).toEqual([]);
    return pack?.warnings.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }

  test.each([
    ["entry: run", { run: "echo" }, ["3:8 run is not executable"]],
    ["command: [./bin/run, a]", { "bin/run": "echo" }, ["3:11 bin/run is not executable"]],
    ["entry: run.sh", { "run.sh": "echo" }, []],
    ["entry: run", { run: "#!/bin/sh\n" }, []],
    [
      "entry: run",
      { run: "#!/opt/none/ruby -w\n" },
      ["3:8 run names /opt/none/ruby in its first line (#!), which is not on this machine"],
    ],
    [
      "entry: run",
      { run: "#!/usr/bin/env -S no-such-language --fast\n" },
      ["3:8 run names no-such-language in its first line (#!), which is not on this machine"],
    ],
    [
      "entry: run",
      { run: "#!/bin/sh\r\n" },
      [
        "3:8 the first line (#!) of run ends as on Windows (CRLF), so that its interpreter is not found",
      ],
    ],
    [
      "entry: run.py\nenv: { PATH: /opt/none }",
      { "run.py": "" },
      ['3:8 "python3" is not on the PATH of this machine'],
    ],
    ["entry: run.mjs\nenv: { PATH: /opt/none }", { "run.mjs": "" }, []],
    [
      "shell: no-such-shell -eu\nscript: echo",
      {},
      ['3:8 "no-such-shell" is not on the PATH of this machine'],
    ],
    ["command: [/opt/none/tool]", {}, ["3:11 /opt/none/tool is not on this machine"]],
    [
      "command: [node_modules/.bin/tool]",
      { "node_modules/.bin/tool": "#!/bin/sh\n" },
      ['3:11 the pack has no file "node_modules/.bin/tool"'],
    ],
    ["command: [./made-there]\ncwd: work", {}, []],
    [
      "script: echo\non_lost: check\ncheck:\n  command: [no-such-tool]",
      {},
      ['6:13 "no-such-tool" is not on the PATH of this machine'],
    ],
    ["command: [no-such-tool]\non: { labels: [gpu] }", {}, []],
    ["entry: run\non: { labels: [gpu] }", { run: "echo" }, ["3:8 run is not executable"]],
  ])("%s", async (action, files, said) => {
    expect(await warnings(action, files)).toEqual(said);
  });
});

test("a server of tools that would not start is warned of", async () => {
  folder.write(
    smallPack("one", "x", {
      "actions/a.yaml":
        "action: one.a\nrunner: mcp\nserver:\n  command: [no-such-server]\ntool: t\n",
    }),
  );
  const [pack] = (await checkPacks([`${folder.path}/one`])).packs;
  expect(pack).toMatchObject({
    warnings: [{ line: 4, message: '"no-such-server" is not on the PATH of this machine' }],
  });
});

test("a sensor is told with its pack; what would not start of it, and a rule on what none sends, are warned of", async () => {
  const rule = (name: string, on: string) => ({
    [`rules/${name}.yaml`]: `rule: one.${name}\non: ${on}\nrun: core.noop\n`,
  });
  folder.write(
    smallPack("one", "x", {
      "sensors/s.yaml":
        "sensor: one.s\ncommand: [no-such-program-here]\nevents: { hot: {}, cold: {} }\n",
      ...rule("typo", "one.hott"),
      ...rule("own", "one.manual"),
      ...rule("sent", "one.cold"),
      ...rule("all", "one.*"),
    }),
  );
  const [pack] = (await checkPacks([`${folder.path}/one`])).packs;
  expect(pack).toMatchObject({ sensors: ["one.s"], errors: [] });
  expect(pack?.warnings.map(({ path, message, hint }) => [path, message, hint])).toEqual([
    [
      "sensors/s.yaml:2:11",
      '"no-such-program-here" is not on the PATH of this machine',
      "the workers that carry this out need it",
    ],
    [
      "rules/own.yaml:2:5",
      'no sensor of the pack sends "one.manual"',
      'its sensors send one.hot, one.cold; only events sent over the API are "one.manual"',
    ],
    ["rules/typo.yaml:2:5", 'no sensor of the pack sends "one.hott"', "did you mean one.hot?"],
  ]);
});

test.each(["at: 2020-01-01T08:00", "rrule: FREQ=DAILY;COUNT=1"])(
  "a task that is due at no time from now on is warned of: %s",
  async (schedule) => {
    const text = `task: one.t\nrun: core.noop\nschedule: { ${schedule} }\n`;
    folder.write(smallPack("one", "x", { "tasks/t.yaml": text }));
    const [pack] = (await checkPacks([`${folder.path}/one`])).packs;
    const message = expect.stringContaining("it is due at no time from now on");
    expect(pack?.warnings).toContainEqual(
      expect.objectContaining({ path: "tasks/t.yaml:3:11", message }),
    );
  },
);

test("a schedule that is unlikely to be meant is warned of at its place", async () => {
  const text = 'task: one.t\nrun: core.noop\nschedule: { cron: "0 0 31 * *" }\n';
  folder.write(smallPack("one", "x", { "tasks/t.yaml": text }));
  const [pack] = (await checkPacks([`${folder.path}/one`])).packs;
  const message = expect.stringContaining("the day 31");
  expect(pack).toMatchObject({
    tasks: ["one.t"],
    warnings: [{ path: "tasks/t.yaml:3:11", message }],
  });
});

test("a question in finally that waits without end is told, and is no error", async () => {
  const ask = (id: string, given: string) =>
    `  - id: ${id}\n    uses: core.ask\n    with: { prompt: "Sure?"${given} }\n`;
  const workflow = `workflow: one.w\nsteps:\n${ask("a", "")}finally:\n${ask("b", "")}${ask("c", ", timeout: 1h")}`;
  folder.write(smallPack("one", "x", { "workflows/w.yaml": workflow }));
  const { packs } = await checkPacks([folder.path]);
  expect(packs[0]).toMatchObject({
    errors: [],
    warnings: [{ line: 8, message: expect.stringContaining("without a timeout") }],
  });
});
