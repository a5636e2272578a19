import { httpRequestOf } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { good, problemsOf } from "./compile.fixture.ts";

/** The action `p.a` of this text. */
function action(text: string, files: { readonly [path: string]: string } = {}) {
  const pack = good({ "actions/a.yaml": `action: p.a\n${text}`, ...files });
  return pack.actions.get("p.a");
}

/** What is wrong with it, from its second line on. */
function wrong(text: string, files: { readonly [path: string]: string } = {}): string[] {
  const found = problemsOf({ "actions/a.yaml": `action: p.a\n${text}`, ...files });
  return found.map((line) => line.replace("actions/a.yaml:", ""));
}

test("a process says how its output is read and how its input arrives", () => {
  const spec = action(
    "runner: process\nscript: x\nshell: bash -eu\nstdout: jsonl\ninput_as: file\n",
  );
  expect(spec?.runner).toEqual({
    kind: "process",
    script: "x",
    shell: "bash -eu",
    inputAs: "file",
    output: "jsonl",
  });
  const yaml = action("runner: process\ncommand: [x]\nstdout: yaml\noutput: { n: integer }\n");
  expect(yaml?.runner).toMatchObject({ output: "yaml" });
});

test("the outputs of formats are known to the expressions of a workflow", () => {
  const steps = (format: string, expression: string) =>
    problemsOf({
      "actions/a.yaml": `action: p.a\nrunner: process\nscript: x\nstdout: ${format}\n`,
      "workflows/w.yaml": `workflow: p.w\nsteps:\n  - { id: a, uses: p.a }\noutput: "\${{ ${expression} }}"\n`,
    });
  expect(steps("jsonl", "size(steps.a.output)")).toEqual([]);
  expect(steps("jsonl", "steps.a.output + 1")).toHaveLength(1);
  expect(steps("yaml", "steps.a.output.any.thing")).toEqual([]);
});

test("a list cannot have declared fields, and words that do not exist are told with those that do", () => {
  expect(wrong("runner: process\nscript: x\nstdout: jsonl\noutput: { n: integer }\n")).toEqual([
    "4:1: stdout: jsonl gives a list, but fields are declared as output (say what it is under output_schema)",
  ]);
  expect(wrong("runner: process\nscript: x\ninput_as: fiel\n")).toEqual([
    '4:11: input_as must be one of stdin, file (did you mean "file"?)',
  ]);
});

test("a shell is a program and flags: no quotes, no expressions, and only for a script", () => {
  expect(wrong("runner: process\nscript: x\nshell: bash -c 'y'\n")).toEqual([
    "4:8: shell is split at spaces: quotes have no meaning in it (write bash -eu)",
  ]);
  expect(wrong('runner: process\nscript: x\nshell: "${{ input.sh }}"\n')).toEqual([
    expect.stringMatching(/^4:9: shell takes no expressions/),
  ]);
  expect(wrong("runner: process\ncommand: [x]\nshell: bash\n")).toEqual([
    "4:1: shell says what runs a script, and there is none",
  ]);
});

const CREATE = `runner: http
method: POST
url: https://api.example.test/repos/\${{ input.repo }}/issues
headers: { Accept: application/json }
query: { page: "\${{ input.page }}" }
json: { title: "\${{ input.title }}", labels: [a] }
expect: [201, 4xx]
redirects: 0
input: { repo: string!, title: string!, page: { type: integer, default: 1 } }
`;

test("an http action makes a request of its input, with 30 seconds of time", () => {
  const created = action(CREATE);
  expect(created?.timeoutMs).toBe(30_000);
  if (created?.runner.kind !== "http") throw new Error("not http");
  const read = httpRequestOf(created.runner, { repo: "a/b", title: "T", page: 2 });
  expect(read).toEqual({
    ok: true,
    request: {
      method: "POST",
      url: "https://api.example.test/repos/a/b/issues",
      headers: { Accept: "application/json" },
      query: { page: 2 },
      json: { title: "T", labels: ["a"] },
      expect: [201, "4xx"],
      redirects: 0,
    },
  });
  expect(httpRequestOf(created.runner, { repo: "a/b", page: 1 })).toMatchObject({
    ok: false,
    error: { code: "expression_failed", message: expect.stringContaining("title") },
  });
});

test("the output of an http action is the response, with what the action declares of it", () => {
  const files = (field: string) => ({
    "actions/a.yaml":
      "action: p.a\nrunner: http\nurl: https://a.test\noutput: { body: { type: object, properties: { id: { type: integer } } } }\n",
    "workflows/w.yaml": `workflow: p.w\nsteps:\n  - { id: a, uses: p.a }\noutput: "\${{ steps.a.output.${field} }}"\n`,
  });
  for (const field of ["status + 1", "headers.etag", "body.id + 1"])
    expect(problemsOf(files(field))).toEqual([]);
  expect(problemsOf(files("body.idd"))).toEqual([expect.stringContaining("did you mean id?")]);
  expect(problemsOf(files("statuss"))).toEqual([expect.stringContaining("did you mean status?")]);
});

test.each([
  ["", '1:1: an http action needs "url"'],
  ["url: example.test\n", "3:6: url must begin with http:// or https:// (give the whole address)"],
  ["url: https://a.test\nmethod: FETCH\n", "4:9: method: expected one of"],
  ["url: https://a.test\nredirects: 9\n", "4:12: redirects: expected"],
  ["url: https://a.test\nexpect: [2xy]\n", "4:10: expect.0: expected"],
  [
    "url: https://a.test\njson: {}\n",
    "a GET request has no json: write method: POST, or give query",
  ],
  ["url: https://a.test\nmethod: POST\njson: 1\nform: {}\n", "give json or form, not both"],
  ['url: "https://a.test/${{ input.id }}"\n', "input has no field id"],
  ["url: https://a.test\nscript: x\n", "4:1: script is for runner: process"],
  ["url: https://a.test\ntimeot: 3s\n", 'did you mean "timeout"?'],
])("http with %j is told with its place", (text, expected) => {
  const found = wrong(`runner: http\n${text}`);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(expected);
});

test.each([
  ["url: https://a.test:99999/\n", "3:6: url is no address (write https://host/path)"],
  [
    "url: https://a.test\nheaders: { Host: b }\n",
    "4:12: headers.Host is set by Yardmaster itself; leave it out",
  ],
  ["url: https://a.test\nheaders: { a b: c }\n", "4:12: headers.a b is no header"],
  [
    "url: https://a.test\noutput: { id: integer! }\n",
    '4:11: output: a response has no "id" (it has status, headers, body, encoding; what JSON holds is declared under body)',
  ],
])("a request that no input makes right is told at load: %j", (text, expected) => {
  expect(wrong(`runner: http\n${text}`)).toEqual([expect.stringContaining(expected)]);
});

test("what a process would not be given as it is written is told at load, of its check too", () => {
  const check = 'on_lost: check\ncheck: { command: [y, "{input_file}"], env: { "=": b } }\n';
  expect(wrong(`runner: process\ncommand: [x]\nenv: { YARD_RUN_ID: a }\n${check}`)).toEqual([
    "4:8: env.YARD_RUN_ID is set by Yardmaster itself (leave it out, or give it another name)",
    "6:23: command: there is no {input_file}: the input comes on stdin (add input_as: file)",
    '6:47: env: "=" cannot be the name of a variable (write env: { NAME: value })',
  ]);
});

test("what an http action leaves to expressions is checked when it runs", () => {
  expect(
    wrong(
      'runner: http\nurl: "${{ input.url }}"\nmethod: "${{ input.m }}"\njson: 1\ninput: { url: string!, m: string! }\n',
    ),
  ).toEqual([]);
});

test("the request of core.http is checked at load where it is known", () => {
  const step = (fields: string) =>
    problemsOf({
      "workflows/w.yaml": `workflow: p.w\nsteps:\n  - { id: a, uses: core.http, with: { ${fields} } }\n`,
    });
  expect(step("url: https://a.test, method: POST, body: [1]")).toEqual([]);
  expect(step("url: https://a.test, metod: POST")).toEqual([expect.stringContaining('"method"')]);
  expect(step("url: ftp://a.test")).toEqual([expect.stringContaining("url must begin with http")]);
  expect(step("url: https://a.test, json: 1")).toEqual([
    expect.stringContaining("a GET request has no json"),
  ]);
  expect(step("url: https://a.test, timeout: 5s, params: { a: 1 }")).toEqual([
    expect.stringContaining("(timeout is a key of the step: write it beside with)"),
    expect.stringContaining(
      'with.params does not fit core.http: there is no such input (did you mean "query"?)',
    ),
  ]);
  expect(step('url: https://a.test, expect: "201"')).toEqual([
    expect.stringContaining('expected something like 201, "2xx", got "201"'),
  ]);
  expect(step("method: GET")).toEqual([expect.stringContaining("with.url does not fit core.http")]);
});

test("core.set and core.log take what they should", () => {
  const { workflows } = good({
    "workflows/w.yaml": `
workflow: p.w
steps:
  - { id: keep, uses: core.set, with: { a: 1, b: { c: [2] } } }
  - { id: say, uses: core.log, with: { text: "a is \${{ steps.keep.output.a }}", level: warn } }
`,
  });
  const kinds = workflows.get("p.w")?.steps.map(({ action: { runner } }) => runner);
  expect(kinds).toEqual([{ kind: "core", name: "set" }, { kind: "log" }]);
  const level =
    "workflow: p.w\nsteps:\n  - { id: a, uses: core.log, with: { text: x, level: loud } }\n";
  expect(problemsOf({ "workflows/w.yaml": level })).toEqual([
    expect.stringContaining("with.level does not fit core.log: expected one of"),
  ]);
});

test("on_lost: check brings its probe, and nothing else does", () => {
  const probe = "check: { entry: probe.py, args: [--fast], input_as: file }\n";
  const files = { "probe.py": "print()" };
  expect(action(`runner: process\nscript: x\non_lost: check\n${probe}`, files)?.check).toEqual({
    kind: "process",
    entry: "probe.py",
    args: ["--fast"],
    inputAs: "file",
    output: "json",
  });
  expect(action("runner: process\nscript: x\non_lost: repeat\n")?.check).toBeUndefined();
  expect(wrong("runner: process\nscript: x\non_lost: check\n")).toEqual([
    "4:1: on_lost: check needs a probe under check (write check: { command: [...] }, or with entry or script)",
  ]);
  expect(wrong(`runner: process\nscript: x\n${probe}`, files)).toEqual([
    "4:1: check is for on_lost: check (add on_lost: check)",
  ]);
  expect(wrong("runner: process\nscript: x\non_lost: check\ncheck: { entry: gone.py }\n")).toEqual([
    expect.stringContaining('5:17: the pack has no file "gone.py"'),
  ]);
});

test("on_lost: ask has a person decide, who can hand no files back, and takes no probe", () => {
  expect(action("runner: process\nscript: x\non_lost: ask\n")).toMatchObject({ asksOnLost: true });
  expect(action("runner: process\nscript: x\n")).not.toHaveProperty("asksOnLost");
  expect(wrong("runner: process\nscript: x\nfiles: [a]\non_lost: ask\n")).toEqual([
    "5:1: what a person says was done cannot be handed back as files (leave out on_lost: ask, or files)",
  ]);
  expect(wrong("runner: process\nscript: x\non_lost: ask\ncheck: { script: y }\n")).toEqual([
    "5:1: check is for on_lost: check (add on_lost: check)",
  ]);
});

test("an action, or a step of it, names the nodes that carry it out, by its input too", () => {
  const own = action(
    'runner: process\nscript: x\ninput: { where: string! }\non: { node: "${{ input.where }}", labels: [gpu] }\n',
  );
  expect(own?.on?.render({ input: { where: "lab-7" } })).toEqual({
    ok: true,
    value: { node: "lab-7", labels: ["gpu"] },
  });
  const pack = good({
    "actions/a.yaml": "action: p.a\nrunner: process\nscript: x\non: { labels: [gpu] }\n",
    "workflows/w.yaml":
      "workflow: p.w\nsteps:\n  - { id: a, uses: p.a }\n  - { id: b, uses: p.a, on: { node: lab-7 } }\n",
  });
  const [first, second] = pack.workflows.get("p.w")?.steps ?? [];
  expect(first?.on?.render({})).toMatchObject({ value: { labels: ["gpu"] } });
  expect(second?.on?.render({})).toMatchObject({ value: { node: "lab-7" } });
});

test("on is for processes, and what is wrong in it is told where it stands", () => {
  expect(wrong("runner: http\nurl: https://example.test/\non: { node: a }\n")).toEqual([
    "4:1: this action is not carried out on a node (nodes carry out actions with runner: process or agent)",
  ]);
  expect(wrong("runner: process\nscript: x\non: {}\n")).toEqual([
    "4:5: on: it names neither a node nor a label (write on: { node: name } or on: { labels: [gpu] })",
  ]);
  expect(wrong("runner: process\nscript: x\non: { labels: [g pu] }\n")).toEqual([
    expect.stringMatching(/^4:5: on: labels are written name or name=value, not "g pu"/),
  ]);
  expect(wrong("runner: process\nscript: x\non: { nod: a }\n")).toEqual([
    expect.stringMatching(/"nod" is not known in on .*did you mean "node"/),
  ]);
});

test("a runner that is not known hides nothing else that is wrong in its file", () => {
  const rest = "timeout: soon\nretry: { attempts: 1.5 }\n";
  expect(wrong(`runner: proces\nscript: x\nstdout: xml\n${rest}`)).toEqual([
    expect.stringContaining('there is no runner "proces" (did you mean "process"?)'),
    expect.stringContaining("4:9: stdout must be one of"),
    expect.stringContaining("5:10: timeout must be a duration"),
    expect.stringContaining("must be a whole number, not 1.5"),
  ]);
  expect(wrong(`runner: kubernetes\n${rest}`)).toHaveLength(3);
});

test("a request with two bodies is told where the second one is", () => {
  const [problem] = wrong("runner: http\nurl: https://a.test\nmethod: POST\nbody: a\njson: {}\n");
  expect(problem).toBe("6:1: give body or json, not both");
});
