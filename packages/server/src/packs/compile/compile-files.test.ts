import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatProblem, problemAsFieldError } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { atOnce } from "../../slices.ts";
import { readFolder } from "../folder/read-folder.ts";
import { scanFolder } from "../folder/scan-folder.ts";
import { compile, good, problemsOf } from "./compile.fixture.ts";
import { compileFiles } from "./compile-files.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

async function compileFolder(folder: string) {
  const read = await readFolder(await scanFolder(folder));
  if (!read.ok) throw new Error(read.errors.map((error) => error.message).join("; "));
  const { digest, files, contents } = read.content;
  return atOnce(compileFiles(digest, files, (file) => contents.get(file.sha256) as Buffer));
}

/** Problems of a workflow with these steps, without the file's name. */
function problemsOfSteps(steps: string, more = ""): string[] {
  const text = `workflow: p.w\ninput: { names: "string[]!", n: integer }\n${more}steps:\n${steps}`;
  return problemsOf({ "workflows/w.yaml": text }).map((line) =>
    line.replace("workflows/w.yaml:", ""),
  );
}

test("the example pack has no problems", async () => {
  const { pack, problems } = await compileFolder(at("../../../../../packs/examples"));
  expect(problems.map(formatProblem)).toEqual([]);
  expect(pack?.name).toBe("examples");
});

test("all mistakes of a pack are found at once, each with its place and a hint", async () => {
  const { name, pack, problems } = await compileFolder(at("./fixtures/broken"));
  const expected = readFileSync(at("./fixtures/broken.report.txt"), "utf8");
  expect(`${problems.map(formatProblem).join("\n")}\n`).toBe(expected);
  expect({ name, pack }).toEqual({ name: "broken", pack: undefined });
});

test("a pack is compiled in steps: each file, and each step of a workflow", () => {
  const text = (steps: number): Buffer => {
    const lines = Array.from({ length: steps }, (_, n) => `  - { id: s${n}, uses: core.noop }\n`);
    return Buffer.from(`workflow: p.w\nsteps:\n${lines.join("")}`);
  };
  const stepsOf = (steps: number): number => {
    const file = { path: "workflows/w.yaml", executable: false, bytes: 1, sha256: "" };
    return [...compileFiles("", [file], () => text(steps))].length;
  };
  expect(stepsOf(40) - stepsOf(10)).toBe(30);
});

test("a definition beside pack.yaml is told where it belongs; other files there are nobody's business", () => {
  const workflow = "# Says hello.\n\n---\nworkflow: p.hello\nsteps: []\n";
  const compose = "services:\n  workflow: { image: x }\n";
  const long = `${"# a comment\n\n  \n".repeat(20_000)}on: push\naction: none\n`;
  expect(
    problemsOf({
      "hello.yaml": workflow,
      "echo.yml": "action: p.a\n",
      "compose.yaml": compose,
      "ci.yaml": long,
    }),
  ).toEqual([
    "echo.yml:1:1: this looks like an action; beside pack.yaml it defines nothing (move it to actions/)",
    "hello.yaml:1:1: this looks like a workflow; beside pack.yaml it defines nothing (move it to workflows/)",
  ]);
});

test("a name that is near none comes with all that there are", () => {
  expect(
    problemsOfSteps(
      "  - { id: a, uses: core.sleep, with: { duration: 1s, often: 2 }, needs: [zzz] }",
    ),
  ).toEqual([
    "4:54: with.often does not fit core.sleep: there is no such input (there is duration)",
    '4:74: there is no step "zzz" (there is a)',
  ]);
  const source = "source: s\nkind: gitlab\nsecret: { env: S }\n";
  expect(problemsOf({ "sources/s.yaml": source })).toEqual([
    "sources/s.yaml:2:7: kind must be one of gitea, forgejo, github, generic",
  ]);
  const shell = "source: s\nkind: gitea\nsecret: { env: $S }\n";
  expect(problemsOf({ "sources/s.yaml": shell })).toEqual([
    'sources/s.yaml:3:16: env takes the name of a variable, without "$" (write env: S)',
  ]);
});

test("who calls something broken is checked at once against what could be read of it", () => {
  const action = (more: string) =>
    `action: p.a\nrunner: process\n${more}input: { n: integer! }\noutput: { text: string }\n`;
  const workflow =
    'workflow: p.w\ninput: { who: string! }\nsteps:\n  - { id: s, uses: p.a, with: { n: x } }\noutput: { it: "${{ steps.s.output.txet }}" }\n';
  const rule = "rule: p.r\non: shop.sale\nrun: p.w\nwith: { whom: me }\n";
  const files = { "workflows/w.yaml": workflow, "rules/r.yaml": rule };
  const callers = [
    "rules/r.yaml:4:7: with.who does not fit p.w: it is required",
    'rules/r.yaml:4:9: with.whom does not fit p.w: there is no such input (did you mean "who"?)',
    "workflows/w.yaml:4:36: with.n does not fit p.a: expected an integer, got a string",
    "workflows/w.yaml:5:35: steps.s.output has no field txet (did you mean text?)",
  ];
  expect(problemsOf({ ...files, "actions/a.yaml": action("script: echo\n") })).toEqual(callers);
  expect(problemsOf({ ...files, "actions/a.yaml": action("entry: gone.sh\n") })).toEqual([
    'actions/a.yaml:3:8: the pack has no file "gone.sh" (entry is a path from the folder of the pack)',
    ...callers,
  ]);
});

test("who calls something whose output is broken is not to blame for it", () => {
  const problems = problemsOf({
    "actions/a.yaml":
      "action: p.a\nrunner: http\nurl: https://example.test\noutput: { body: strng }\n",
    "workflows/w.yaml":
      'workflow: p.w\nsteps:\n  - { id: s, uses: p.a }\noutput: { it: "${{ steps.s.output.text }}" }\n',
  });
  expect(problems).toEqual([
    'actions/a.yaml:4:17: body: "strng" is not a type (did you mean "string"?)',
  ]);
});

test("what has no name, or that of another, is read to its end all the same", () => {
  const action = (name: string, word: string) =>
    `${name}runner: process\nscript: echo\nstdout: ${word}\n`;
  expect(
    problemsOf({
      "actions/a.yaml": action("action: p.a\n", "text"),
      "actions/b.yaml": action("action: p.a\n", "loud"),
      "actions/c.yaml": action("", "loud"),
      "workflows/w.yaml": "workflow: p.w\nsteps:\n  - { id: s, uses: p.c }\n",
    }),
  ).toEqual([
    'actions/b.yaml:1:9: "p.a" is already defined at actions/a.yaml:1',
    "actions/b.yaml:4:9: stdout must be one of json, jsonl, yaml, text, none",
    'actions/c.yaml:1:1: an action needs "action"',
    "actions/c.yaml:3:9: stdout must be one of json, jsonl, yaml, text, none",
  ]);
});

test("what is of the wrong shape comes with how it is written", () => {
  expect(
    problemsOf({
      "actions/a.yaml": 'action: p.a\nrunner: process\nscript: echo\nargs: "-v"\n',
      "queues/q.yaml": 'queue: q\nconcurrency: "2"\n',
      "workflows/w.yaml":
        "workflow: p.w\nsteps:\n  - id: s\n    uses: core.log\n    with:\n      - text: hi\n",
      "workflows/x.yaml":
        "workflow: p.x\ninput: { o: object }\nsteps:\n  - id: s\n    uses: core.http\n    for_each: input.o\n    with: { url: https://example.test, method: post }\n",
    }),
  ).toEqual([
    'actions/a.yaml:4:7: args must be a list of texts, not text (write args: ["-v"])',
    "queues/q.yaml:2:14: concurrency must be a whole number, not text (write it without quotes: 2)",
    "workflows/w.yaml:6:7: with must be a map, not a list (write with: { NAME: value })",
    "workflows/x.yaml:6:15: this must be a list, and it is a map (write input.o.keys() to go through its names, or [input.o] for a list of one)",
    expect.stringMatching(/x.yaml:7:48: with.method .* got "post" \(did you mean "POST"\?\)$/),
  ]);
});

test("a key of another system gets the words that say the same here", () => {
  const texts = {
    "workflows/w.yaml": "workflow: p.w\non: push\nsteps:\n  - name: build\n    run: make\n",
  };
  const problems = problemsOf(texts);
  expect(problems).toEqual([
    expect.stringMatching(
      /^workflows\/w.yaml:2:1: "on" is not known in a workflow \(.*a rule: rules\/NAME.yaml/,
    ),
    expect.stringMatching(/:4:5: "name" is not known in a step \(a step is named by its `id`/),
    'workflows/w.yaml:4:5: a step needs "id" (its name in expressions: id: build)',
    `workflows/w.yaml:4:5: a step needs "uses" (an action or a workflow: PACK.NAME, or one of core's)`,
    expect.stringMatching(/:5:5: "run" is not known in a step \(a script is an action: /),
  ]);
});

test("a problem is a field error of the API with its place as the path", () => {
  const problem = { file: "rules/r.yaml", line: 3, column: 5, message: "no", hint: "yes" };
  const path = "rules/r.yaml:3:5";
  expect(problemAsFieldError(problem)).toEqual({ path, message: "no", hint: "yes" });
});

test("a definition that lies where none is looked for is not passed over in silence", () => {
  const text = "workflow: p.w\nsteps:\n  - id: a\n    uses: core.noop\n";
  expect(
    problemsOf({ "workflow/w.yaml": text, "workflows/all/w.yaml": text, "code/w.yaml": text }),
  ).toEqual([
    "workflow/w.yaml:1:1: definitions in workflow/ are not known (did you mean workflows/?)",
    "workflows/all/w.yaml:1:1: definitions are looked for in workflows/ itself, not in folders in it (move it to workflows/ if it is one, or out of workflows/)",
  ]);
});

test("an expression in a script, which no shell understands, is refused", () => {
  const script = "script: |\n  cat\n  echo ${{ input.n }}\n";
  const check = 'script: x\non_lost: check\ncheck: { script: "${{ input.n }}" }\n';
  const of = (text: string) => problemsOf({ "actions/a.yaml": `${ACTION}${text}` });
  const refused = (at: string) =>
    expect.stringContaining(`${at}: script takes no expressions (the input arrives as JSON`);
  expect(of(script)).toEqual([refused("a.yaml:5:8")]);
  expect(of(check)).toEqual([refused("a.yaml:5:19")]);
});

test("an expression in the key of a map, which would stand as it is, is refused", () => {
  const step = '  - id: a\n    uses: core.set\n    with: { x: [{ "a ${{ input.n }}": 1 }] }\n';
  expect(problemsOfSteps(step)).toEqual([
    expect.stringMatching(/^6:19: the key of a map takes no expressions \(a map whose keys/),
  ]);
  const worked = '  - id: a\n    uses: core.set\n    with: { x: "${{ {input.names[0]: 1} }}" }\n';
  expect(problemsOfSteps(worked)).toEqual([]);
  expect(problemsOfSteps(step.replace("${{", () => "$${{"))).toEqual([]);
});

const ACTION = "action: p.a\nrunner: process\n";

test("a rule on a type that nothing sends is refused with the one that may be meant", () => {
  const of = (type: string) =>
    problemsOf({ "rules/r.yaml": `rule: p.r\non: ${type}\nrun: core.noop\n` });
  for (const type of ["yard.run.finished", "yard.node.*", "yard.*", "yardage.sold"])
    expect(of(type)).toEqual([]);
  expect(of("yard.run.finshed")).toEqual([
    'rules/r.yaml:2:5: nothing sends "yard.run.finshed" (did you mean yard.run.finished?)',
  ]);
  expect(of("yard.queue.*")).toEqual([
    expect.stringContaining('nothing sends "yard.queue.*" (Yardmaster sends yard.run.finished, '),
  ]);
  expect(of("schedule.daily")).toEqual([
    expect.stringMatching(/nothing sends "schedule.daily" .*sends schedule.due or schedule.missed/),
  ]);
  expect(of("[push, issues]")).toEqual([expect.stringContaining("(write a rule for each, or")]);
});

test.each([
  { "actions/parts/table.yaml": "- 1\n" },
  { "actions/a.yaml": "action: p.a\nrunner: process\nscript: echo '${{ x }}'\n" },
])("a stored pack stays good for its runs, though it holds what an earlier build took", (texts) => {
  expect(compile(texts).pack).toBeUndefined();
  expect(compile(texts, { isStored: true }).pack?.name).toBe("p");
});

test("where people write a text or a list for a map, the map is shown", () => {
  const action =
    "action: p.a\nrunner: process\nscript: x\non: gpu\nenv: [A=1]\ninput: { n: int!, l: list, b: bool }\n";
  const step = "  - { id: a, uses: core.noop, undo: p.a }\n";
  expect([...problemsOf({ "actions/a.yaml": action }), ...problemsOfSteps(step)]).toEqual([
    expect.stringContaining("on must be a map, not text (write on: { labels: [gpu] }, or"),
    expect.stringContaining("env must be a map of texts, not a list (write env: { NAME: value })"),
    expect.stringContaining('"int!" is not a type (did you mean "integer!"?)'),
    expect.stringContaining('"list" is not a type (write what it is a list of: "string[]")'),
    expect.stringContaining('"bool" is not a type (did you mean "boolean"?)'),
    expect.stringContaining("undo must be a map, not text (write undo: { uses: PACK.NAME, with"),
  ]);
});

test("a name that is only too long is told so", () => {
  expect(problemsOf({ "queues/q.yaml": `queue: ${"q".repeat(101)}\n` })).toEqual([
    expect.stringMatching(/cannot be the name of a queue \(at most 100 characters\)$/),
  ]);
});

test("what a retry is chosen by sees the error, and nothing else", () => {
  const step = "  - id: a\n    uses: core.noop\n    retry: { attempts: 3, if: ";
  expect(problemsOfSteps(`${step}error.details.exit_code == 75 }\n`)).toEqual([]);
  expect(problemsOfSteps(`${step}error.cod == "timed_out" }\n`)).toEqual([
    expect.stringMatching(/^6:\d+: .*cod.*did you mean code/),
  ]);
  expect(problemsOfSteps(`${step}error.code }\n`)).toEqual([
    expect.stringContaining("this must be true or false, and it is a string"),
  ]);
  expect(problemsOfSteps(`${step}input.x }\n`)).toHaveLength(1);
});

test("an idempotency key tells works apart, and is for what hands it on", () => {
  const step = (uses: string, key: string) =>
    problemsOfSteps(`  - id: a\n    uses: ${uses}\n    idempotency_key: ${key}\n`);
  expect(step("core.noop", '"x-${{ run.id }}"')).toEqual([
    expect.stringContaining("nobody would be handed this key"),
  ]);
  const url = "core.http\n    with: { url: https://a.test }";
  expect(step(url, "pay")).toEqual([
    expect.stringContaining("idempotency_key would be the same for every run"),
  ]);
  expect(step(url, '"x-${{ run.id }}"')).toEqual([]);
  expect(step(url, '"x-${{ run.ids }}"')).toEqual([expect.stringContaining("did you mean id?")]);
});

test("a number of tries by itself is told how retry is written", () => {
  expect(problemsOfSteps("  - id: a\n    uses: core.noop\n    retry: 3\n")).toEqual([
    "6:12: retry must be a map, not a number (write retry: { attempts: 3 }, the number of tries)",
  ]);
});

test("an action carries all that its file says", () => {
  const { actions, descriptions, digest } = good({
    "run.py": "print()",
    "queues/q.yaml": "queue: q\nconcurrency: 2\nkey_concurrency: 1\nrate: 100/m\n",
    "actions/a.yaml": `
action: p.a
description: Does it.
runner: process
entry: run.py
args: [--fast]
env: { MODE: quick }
cwd: work
stdout: none
input: { repo: string!, n: { type: integer, default: 3 } }
timeout: 90s
retry: { attempts: 3, backoff: constant, delay: 500ms, jitter: 0.5 }
queue: { name: q, key: "\${{ input.repo }}" }
`,
  });
  const action = actions.get("p.a");
  expect(action).toMatchObject({
    packDigest: digest,
    runner: {
      kind: "process",
      entry: "run.py",
      args: ["--fast"],
      env: { MODE: "quick" },
      cwd: "work",
      output: "none",
    },
    timeoutMs: 90_000,
    retry: { attempts: 3, backoff: "constant", delayMs: 500, maxDelayMs: 3_600_000, jitter: 0.5 },
    queue: { name: "q" },
  });
  expect(action?.input.validate({ repo: "a/b" })).toEqual({
    ok: true,
    value: { repo: "a/b", n: 3 },
  });
  expect(action?.input.validate({ repo: "a/b", extra: 1 }).ok).toBe(false);
  expect(descriptions.get("p.a")).toBe("Does it.");
});

test("a tool of its own is what says so, and has to be described", () => {
  const text = "runner: process\nscript: x\n";
  const { tools } = good({
    "actions/a.yaml": `action: p.a\ndescription: Does it.\nas_tool: true\n${text}`,
    "actions/b.yaml": `action: p.b\ndescription: Does it.\nas_tool: false\n${text}`,
    "workflows/w.yaml":
      "workflow: p.w\ndescription: All of it.\nas_tool: true\nsteps: [{ id: a, uses: p.a }]\n",
  });
  expect([...tools]).toEqual(["p.a", "p.w"]);
  expect(problemsOf({ "actions/a.yaml": `action: p.a\nas_tool: true\n${text}` })).toEqual([
    "actions/a.yaml:2:1: as_tool needs a description: whoever has the tool chooses it by that (say in description what it does, and what comes back)",
  ]);
  const long = `p.${"a".repeat(62)}`;
  const action = (ref: string) => `action: ${ref}\ndescription: Does it.\nas_tool: true\n${text}`;
  expect(problemsOf({ "actions/a.yaml": action(long) })).toEqual([
    `actions/a.yaml:3:1: as a tool it would be called p__${"a".repeat(62)}, which has 65 characters; clients take at most 64 (give the action a shorter name (1 less), or leave as_tool out)`,
  ]);
  expect(problemsOf({ "actions/a.yaml": action(long.slice(0, -1)) })).toEqual([]);
});

test("stdout is JSON where an output is declared, else text", () => {
  const { actions } = good({
    "actions/a.yaml": "action: p.a\nrunner: process\nscript: x\noutput: { n: integer }\n",
    "actions/b.yaml": "action: p.b\nrunner: process\ncommand: [x]\n",
  });
  expect(actions.get("p.a")?.runner).toMatchObject({ output: "json" });
  expect(actions.get("p.b")?.runner).toMatchObject({ output: "text" });
});

test("a step follows the one before it unless needs says otherwise", () => {
  const { workflows } = good({
    "workflows/w.yaml": `
workflow: p.w
steps:
  - { id: a, uses: core.noop }
  - { id: b, uses: core.noop }
  - { id: c, uses: core.noop, needs: [] }
  - { id: d, uses: core.noop, needs: [f] }
  - { id: e, uses: core.noop, needs: [a, c] }
  - { id: f, uses: core.noop, needs: [e] }
`,
  });
  const steps = workflows.get("p.w")?.steps.map((step) => [step.id, step.needs]);
  // In the order of the needs: d waits for f, so it stands after it.
  expect(steps).toEqual([
    ["a", []],
    ["b", ["a"]],
    ["c", []],
    ["e", ["a", "c"]],
    ["f", ["e"]],
    ["d", ["f"]],
  ]);
});

test("a step takes retry, timeout and queue from its action where it says nothing itself", () => {
  const { workflows } = good({
    "queues/q.yaml": "queue: q\nfifo: true\n",
    "queues/r.yaml": "queue: r\n",
    "actions/a.yaml": `
action: p.a
runner: process
script: x
input: { repo: string!, branch: { type: string, default: main } }
timeout: 10s
retry: { attempts: 2 }
queue: { name: q, key: "\${{ input.repo }}@\${{ input.branch }}" }
`,
    "workflows/w.yaml": `
workflow: p.w
steps:
  - { id: plain, uses: p.a, with: { repo: "x/y" } }
  - { id: own, uses: p.a, with: { repo: "x/y" }, timeout: 1m, retry: { attempts: 5 }, queue: r }
`,
  });
  const [plain, own] = workflows.get("p.w")?.steps ?? [];
  expect(plain).toMatchObject({ timeoutMs: 10_000, retry: { attempts: 2 }, queue: { name: "q" } });
  expect(own).toMatchObject({ timeoutMs: 60_000, retry: { attempts: 5 }, queue: { name: "r" } });
  // The key speaks of the action's own input, defaults included.
  expect(plain?.queue?.key?.render({ input: {} })).toEqual({ ok: true, value: "x/y@main" });
});

test("a workflow whose steps stand in two FIFO lines is refused, as two runs could wait for each other", () => {
  const step = (id: string, queue: string): string =>
    `  - { id: ${id}, uses: core.noop, queue: { name: ${queue}, key: "\${{ input.k }}" } }\n`;
  const files = (second: string) => ({
    "queues/q.yaml": "queue: q\nfifo: true\n",
    "queues/r.yaml": "queue: r\nfifo: true\n",
    "workflows/w.yaml": `workflow: p.w\ninput: { k: string! }\nsteps:\n${step("one", "q")}${step("two", second)}`,
  });
  expect(good(files("q")).workflows.get("p.w")?.steps).toHaveLength(2);
  expect(problemsOf(files("r"))).toEqual([
    expect.stringContaining('the steps "one" and "two" stand in two FIFO lines'),
  ]);
});

test("a rule renders its run's input from the event", () => {
  const { rules, digest } = good({
    "rules/r.yaml": `
rule: p.r
on: gitea.issue_assign
if: event.data.action == "assigned"
run: core.echo
with: { title: "\${{ event.data.issue.title }}" }
enabled: false
`,
  });
  const [rule] = rules;
  const event = {
    id: "1",
    type: "gitea.issue_assign",
    data: { action: "assigned", issue: { title: "T" } },
  };
  expect(rule).toMatchObject({ ref: "p.r", run: "core.echo", enabled: false, packDigest: digest });
  expect(rule?.condition?.evaluate({ event })).toEqual({ ok: true, value: true });
  expect(rule?.with?.render({ event })).toEqual({ ok: true, value: { title: "T" } });
});

test("expressions know the types of inputs, items and outputs of the steps before", () => {
  const steps = `
  - { id: all, for_each: input.names, uses: core.echo, with: { a: "\${{ item + 1 }}", b: "\${{ index + 1 }}" } }
  - { id: last, uses: core.noop, if: "steps.all.output.size() > 0 && steps.all.items[0].statu == 'success'" }
`;
  const found = problemsOfSteps(steps);
  expect(found).toHaveLength(2);
  expect(found[0]).toMatch(/^5:72: cannot compute/);
  expect(found[1]).toMatch(/^6:\d+: .*statu.*did you mean status\?/);
});

test("item and index are there only inside a for_each", () => {
  const found = problemsOfSteps('  - { id: a, uses: core.echo, with: { a: "${{ item }}" } }\n');
  expect(found).toHaveLength(1);
  expect(found[0]).toContain("item");
});

test("a step on another branch is not before this one, and the message says so", () => {
  const steps = `
  - { id: a, uses: core.echo }
  - { id: b, uses: core.echo, needs: [] }
  - { id: c, uses: core.echo, needs: [b], if: "steps.b.status == 'success' && steps.a.status == 'success'" }
`;
  expect(problemsOfSteps(steps)).toEqual([
    '7:79: step "a" is not before this step (add "a" to its needs)',
  ]);
});

test("the workflow's output may speak of every step", () => {
  const steps = "  - { id: a, uses: core.echo }\n  - { id: b, uses: core.echo, needs: [] }\n";
  const output = 'output: { x: "${{ steps.a.status + steps.b.status }}" }\n';
  expect(problemsOfSteps(steps, output)).toEqual([]);
});

test("each circle of needs is told with its path", () => {
  const steps = `
  - { id: a, uses: core.noop, needs: [b] }
  - { id: b, uses: core.noop, needs: [a] }
  - { id: c, uses: core.noop, needs: [d] }
  - { id: d, uses: core.noop, needs: [c] }
`;
  expect(problemsOfSteps(steps)).toEqual([
    "5:11: these steps wait for each other: a → b → a",
    "7:11: these steps wait for each other: c → d → c",
  ]);
});

test("a circle of needs hides nothing of what is wrong with the expressions of its steps, and adds nothing", () => {
  const steps = `
  - { id: a, uses: core.echo, needs: [b], with: { x: "\${{ steps.b.output.any }}", y: "\${{ inptu.n }}" } }
  - { id: b, uses: core.echo, needs: [a], if: "steps.a.status ==", with: { x: "\${{ steps.zzz.output }}" } }
`;
  const output = 'output: { x: "${{ [steps.a.output, steps.none.output] }}" }\n';
  expect(problemsOfSteps(steps, output)).toEqual([
    "3:42: steps has no field none (it has b, a)",
    "6:11: these steps wait for each other: a → b → a",
    "6:91: there is no variable inptu here (did you mean input?)",
    "7:65: the expression ends too early",
    "7:90: steps has no field zzz (it has a, b)",
  ]);
});

test("an expression that is wrong in the key of a queue does not hide that there is no such queue", () => {
  const queue = 'queue: { name: q, key: "${{ input. }}" }';
  expect(problemsOfSteps(`\n  - { id: a, uses: core.echo, ${queue} }\n`)).toEqual([
    expect.stringContaining('there is no queue "q"'),
    expect.stringContaining("expression"),
  ]);
});

test("a queue that is named with its pack is told to be named without it", () => {
  expect(problemsOf({ "queues/q.yaml": "queue: p.mail\n" })).toEqual([
    'queues/q.yaml:1:8: "p.mail" cannot be the name of a queue (write queue: mail, without the pack, where it is used too)',
  ]);
});

test("the missing input of a step without with stands at the step", () => {
  expect(problemsOfSteps("  - { id: a, uses: core.fail }\n")).toEqual([
    "4:5: with.message does not fit core.fail: it is required",
  ]);
});

test("a broken action does not make its users wrong", () => {
  const found = problemsOf({
    "actions/a.yaml": "action: p.a\nrunner: process\nscript: [x\n",
    "actions/b.yaml": "action: p.b\nrunner: proces\ncommand: [x]\n",
    "workflows/w.yaml": "workflow: p.w\nsteps: [{ id: a, uses: p.a }, { id: b, uses: p.b }]\n",
    "rules/r.yaml": "rule: p.r\non: a.b\nrun: p.w\n",
  });
  expect(found.map((line) => line.split(":")[0])).toEqual(["actions/a.yaml", "actions/b.yaml"]);
});

test("a pack may not take a name of Yardmaster's own, nor be without a manifest that can be read", () => {
  expect(problemsOf({ "pack.yaml": "pack: core\nversion: 1.0.0\n" })).toEqual([
    'pack.yaml:1:7: the name "core" is Yardmaster\'s own (give the pack another name)',
  ]);
  expect(problemsOf({ "pack.yaml": "" })).toEqual(["pack.yaml:1:1: the file is empty"]);
});

test("a bare number where more is wanted is told what is missing, and not to be put in quotes", () => {
  expect(problemsOf({ "pack.yaml": "pack: p\nversion: 1.5\n" })).toEqual([
    'pack.yaml:2:10: "1.5" is no version (write three numbers: 1.0.0)',
  ]);
  expect(problemsOf({ "queues/q.yaml": "queue: q\nrate: 10\n" })).toEqual([
    "queues/q.yaml:2:7: rate must be a number from 1 to 10000 and a time, as in 10/s, 100/m, 1000/h or 5/d",
  ]);
  expect(
    problemsOf({
      "workflows/w.yaml":
        "workflow: p.w\nsteps: [{ id: a, uses: core.sleep, with: { duration: 5 } }]\n",
    }),
  ).toEqual([
    "workflows/w.yaml:2:54: with.duration does not fit core.sleep: expected a duration such as 1h30m, 45s or 500ms, got a number",
  ]);
});

test("core.sleep is a timer, and the other core actions need no process", () => {
  const { workflows } = good({
    "workflows/w.yaml": `
workflow: p.w
steps:
  - { id: nap, uses: core.sleep, with: { duration: 5s } }
  - { id: say, uses: core.echo, with: { any: [1, { deep: true }] } }
  - { id: no, uses: core.fail, with: { message: "\${{ steps.say.output.any }}" } }
`,
  });
  const kinds = workflows.get("p.w")?.steps.map((step) => step.action.runner);
  expect(kinds).toEqual([
    { kind: "timer" },
    { kind: "core", name: "echo" },
    { kind: "core", name: "fail" },
  ]);
});

test("a queue may let each key have several at once, where it keeps no order, and then asks for a key", () => {
  const files = (queue: string, use: string) => ({
    "queues/q.yaml": `queue: q\n${queue}\n`,
    "workflows/w.yaml": `workflow: p.w\nsteps: [{ id: a, uses: core.noop, queue: ${use} }]\n`,
  });
  expect(good(files("key_concurrency: 2", "{ name: q, key: k }")).queues).toEqual([
    { name: "q", fifo: false, keyConcurrency: 2 },
  ]);
  for (const queue of ["key_concurrency: 2", "fifo: true"])
    expect(problemsOf(files(queue, "q"))).toEqual([
      expect.stringContaining('the queue "q" works by key, and no key is given'),
    ]);
  expect(problemsOf(files("fifo: true\nkey_concurrency: 2", "{ name: q, key: k }"))).toEqual([
    expect.stringContaining("key_concurrency can only be 1"),
  ]);
});

test("a queue's rate is read as starts in a time", () => {
  const { queues } = good({ "queues/q.yaml": "queue: q\nrate: 100/m\n" });
  expect(queues).toEqual([{ name: "q", fifo: false, rate: { starts: 100, perMs: 60_000 } }]);
});
