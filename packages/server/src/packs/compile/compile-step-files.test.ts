import { expect, test } from "vitest";
import { good, problemsOf } from "./compile.fixture.ts";

const ACTION = "action: p.make\nrunner: process\nscript: echo\n";
const WORKFLOW = "workflow: p.w\nsteps:\n";

const action = (more: string) =>
  problemsOf({ "actions/make.yaml": ACTION + more }).map((line) =>
    line.replace("actions/make.yaml:", ""),
  );
const workflow = (steps: string, made = 'files: ["*"]\n') =>
  problemsOf({ "actions/make.yaml": ACTION + made, "workflows/w.yaml": WORKFLOW + steps }).map(
    (line) => line.replace("workflows/w.yaml:", ""),
  );

test("an action names the files that it hands back, and a step those that it is given", () => {
  const pack = good({
    "actions/make.yaml": `${ACTION}files: [report.pdf, "out/**/*.csv"]\n`,
    "workflows/w.yaml": `${WORKFLOW}  - { id: a, uses: p.make }
  - { id: each, uses: p.make, for_each: "[1]", files: "\${{ steps.a.files }}" }
  - id: b
    uses: p.make
    files: ["\${{ steps.each.files[0] }}", { from: "\${{ steps.a.files[0] }}", to: "in/\${{ run.id }}" }]
output: "\${{ steps.a.files.map(one, one.sha256) + steps.each.files.map(list, list[0].mode) }}"
`,
  });
  expect(pack.actions.get("p.make")?.runner).toMatchObject({
    files: ["report.pdf", "out/**/*.csv"],
  });
  const [a, each] = pack.workflows.get("p.w")?.steps ?? [];
  expect([a?.files === undefined, each?.files === undefined]).toEqual([true, false]);
});

test.each([
  ["files: report.pdf", "4:8: files must be a list of names and globs, not text"],
  ["files: []", "4:8: files must be a list of names and globs, not an empty one"],
  ["files: [/etc/passwd]", "it must be relative to the work folder"],
  ["files: [../a]", "it leads out of the work folder"],
  ["files: [3]", "files takes only text, not a number"],
  ['files: ["${{ input.name }}"]', "files of an action take no expressions"],
  [`files: [${"a, ".repeat(65)}]`, "65 files; at most 64 are allowed"],
  [
    "files: [a]\non_lost: check\ncheck: { script: echo }",
    "what a check finds done elsewhere cannot be handed back as files",
  ],
  ["file: [a]", '"file" is not known in an action (did you mean "files"?)'],
])("an action's files are judged with their place: %#", (text, problem) => {
  expect(action(`${text}\n`).join("\n")).toContain(problem);
});

test.each([
  ["  - { id: a, uses: p.make, files: a.txt }", "files must be an expression, not text"],
  ["  - { id: a, uses: p.make, files: { to: x } }", 'files needs "from"'],
  ["  - { id: a, uses: p.make, files: { form: x } }", 'did you mean "from"?'],
  [
    '  - { id: a, uses: p.make }\n  - { id: b, uses: p.make, files: { from: "${{ steps.a.files }}", to: /x } }',
    "to is no folder in the work folder: it must be relative",
  ],
  [
    '  - { id: a, uses: core.echo, with: {}, files: "${{ run.id }}" }',
    "files cannot be given to this step (only a process or an agent (runner: process, runner: agent) has a work folder)",
  ],
  [
    '  - { id: b, uses: p.make, needs: [], files: "${{ steps.c.files }}" }\n  - { id: c, uses: p.make }',
    'step "c" is not before this step',
  ],
  [
    '  - { id: a, uses: core.echo, with: {} }\n  - { id: b, uses: p.make, files: "${{ steps.a.files }}" }',
    "files",
  ],
  [
    '  - { id: a, uses: p.make }\n  - { id: b, uses: core.echo, with: { x: "${{ steps.a.files[0].hash }}" } }',
    "hash",
  ],
])("a step's files are judged as the pack is read: %#", (steps, problem) => {
  expect(workflow(`${steps}\n`).join("\n")).toContain(problem);
});
