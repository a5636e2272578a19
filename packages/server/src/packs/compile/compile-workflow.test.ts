import { formatProblem, type StepDefinition, type WorkflowDefinition } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { compile as compileTexts } from "./compile.fixture.ts";

const MAKE = `
action: p.make
runner: process
script: echo
input: { name: string }
output: { id: "string!", done: boolean }
`;
const QUEUES = { "queues/q.yaml": "queue: q\nfifo: true\n" };

function compile(workflow: string, more: { readonly [path: string]: string } = {}) {
  const head = `workflow: p.w\ninput: { names: "string[]!", n: integer }\n`;
  const texts = { "actions/make.yaml": MAKE, "workflows/w.yaml": head + workflow, ...more };
  return compileTexts(texts);
}

function good(workflow: string, more = {}): WorkflowDefinition {
  const { pack, problems } = compile(workflow, more);
  expect(problems.map(formatProblem)).toEqual([]);
  return pack?.workflows.get("p.w") as WorkflowDefinition;
}

const step = (definition: WorkflowDefinition, id: string): StepDefinition =>
  definition.steps.find((one) => one.id === id) as StepDefinition;

/** The problems of p.w; its own text begins at line 3. */
function wrong(workflow: string, more = {}): string[] {
  return compile(workflow, more).problems.map((problem) =>
    formatProblem(problem).replace("workflows/w.yaml:", ""),
  );
}

test("a workflow carries all that its file says", () => {
  const definition = good(`
timeout: 2h
priority: 2
vars: { count: 0, who: "\${{ input.names[0] }}" }
steps:
  - id: poll
    uses: p.make
    repeat: { until: steps.poll.output.done && round > 1, max: 5, delay: 10s }
    save_as: made
    undo: { uses: core.echo, with: { gone: "\${{ output.id }}", by: "\${{ steps.poll.status }}" } }
  - id: each
    for_each: input.names
    batch: 3
    uses: core.echo
    with: { first: "\${{ item[0] }}", id: "\${{ vars.made.id }}" }
    on_error: mend
    priority: 9
  - { id: tell, uses: core.noop }
  - { id: mend, uses: core.echo, with: { why: "\${{ steps.each.error.message }}" } }
on_failure:
  - { uses: core.echo, with: { text: "\${{ run.error.message }}", id: "\${{ steps.poll.output.id }}" } }
finally:
  - { id: last, uses: core.echo, with: { s: "\${{ run.status }}" }, if: run.status != "success" }
  - { uses: core.echo, with: { last: "\${{ steps.last.status }}" } }
`);
  expect(definition).toMatchObject({ timeoutMs: 7_200_000, vars: { constant: false } });
  expect(step(definition, "poll")).toMatchObject({
    repeat: { max: 5, delayMs: 10_000 },
    saveAs: "made",
    priority: 2,
    undo: { id: "poll~undo", action: { ref: "core.echo" }, priority: 2, needs: [] },
  });
  expect(step(definition, "each")).toMatchObject({
    forEach: { batch: 3 },
    onError: { step: "mend" },
    priority: 9,
  });
  expect(step(definition, "mend").needs).toEqual(["tell", "each"]);
  expect(definition.onFailure?.map(({ id }) => id)).toEqual(["on_failure_1"]);
  expect(definition.finally?.map(({ id, needs }) => [id, needs])).toEqual([
    ["last", []],
    ["finally_2", ["last"]],
  ]);
});

test("a key that is nearly one which is missing is told once, and read as that one", () => {
  const { problems } = compileTexts({
    "workflows/w.yaml": `workflow: p.w
inputs: { name: string! }
steps:
  - { id: a, use: core.echo, with: { message: "\${{ input.name }}" } }
  - { id: b, uses: core.noop, if: input.nam == "", iff: input.nothing }
`,
  });
  expect(problems.map(formatProblem)).toEqual([
    expect.stringContaining('"inputs" is not known in a workflow (did you mean "input"?)'),
    expect.stringContaining('"use" is not known in a step (did you mean "uses"?)'),
    expect.stringContaining("input has no field nam (did you mean name?)"),
    expect.stringContaining('"iff" is not known in a step (did you mean "if"?)'),
  ]);
});

test("a repeat is bounded, and its rounds see the step itself with its type", () => {
  const plain = good("steps: [{ id: a, uses: p.make, repeat: { until: steps.a.output.done } }]");
  expect(step(plain, "a").repeat).toMatchObject({ max: 100, delayMs: 0 });
  const steps = `steps:
  - { id: a, uses: p.make, repeat: { max: 10001 } }
  - { id: b, uses: p.make, repeat: { until: steps.b.output.dome, dely: 1s } }
  - { id: c, uses: p.make, batch: 2 }
  - { id: d, uses: core.noop, if: steps.d.status == "failed" }
`;
  expect(wrong(steps)).toEqual([
    '4:36: repeat needs "until", the condition that ends it (write for example until: steps.<id>.output.done)',
    "4:43: max must be from 1 to 10000",
    "5:60: steps.b.output has no field dome (did you mean done?)",
    '5:66: "dely" is not known in repeat (did you mean "delay"?)',
    "6:28: batch is for steps with for_each",
    '7:35: step "d" is this step itself, which is not before it',
  ]);
});

test("a variable has the type of what is saved in it, and is there after the step that saves it", () => {
  const steps = `vars: { 1st: x, mode: quick }
steps:
  - { id: a, uses: core.echo, with: { x: "\${{ vars.made.id }}" } }
  - { id: b, uses: p.make, save_as: made }
  - { id: c, uses: core.echo, with: { x: "\${{ vars.made.idd }}", y: "\${{ vars.mode + 1 }}" } }
  - { id: d, uses: p.make, save_as: made, needs: [a] }
`;
  expect(wrong(steps)).toEqual([
    '3:9: "1st" cannot be the name of a variable (letters, digits and _, not beginning with a digit: expressions say vars.<name>)',
    '5:47: vars.made is saved by step "b", which is not before this step ("b" waits for this one: use it there, or in a step behind it)',
    "7:74: cannot compute a string + an int (to make text of it, write string(1))",
    '8:37: the steps "b" and "d" both save made, and none is before the other (give them two names, or let one need the other)',
  ]);
  const typed = `steps:
  - { id: b, uses: p.make, save_as: made, for_each: input.names }
  - { id: c, uses: core.echo, with: { x: "\${{ vars.made[0].idd }}" } }
output: "\${{ vars.made[0].done && vars.mad }}"
`;
  expect(wrong(typed)).toEqual([
    "5:60: vars.made[0] has no field idd (did you mean id?)",
    "6:40: vars has no field mad (did you mean made?)",
  ]);
});

test("on_error leads forward only, to a step of the same list", () => {
  const steps = `steps:
  - { id: a, uses: core.noop, on_error: contine }
  - { id: b, uses: core.noop, on_error: b }
  - { id: c, uses: core.noop, on_error: a }
  - { id: d, uses: core.noop, on_error: late }
on_failure: [{ id: late, uses: core.noop, on_error: a }]
finally: [{ uses: core.noop, undo: { uses: core.noop } }, { id: a, uses: core.noop }]
`;
  expect(wrong(steps)).toEqual([
    '4:41: on_error must be fail, continue or a step, and there is no step "contine" (did you mean "continue"?)',
    '5:41: step "b" cannot handle its own failure (to try it again, say retry)',
    '6:41: step "a" comes before "c", which cannot jump back to it (put it after, or give it other needs: a run never goes back; to try again, say retry or repeat)',
    '7:41: on_error must be fail, continue or a step, and there is no step "late"',
    "8:53: on_error must be one of fail, continue",
    "9:30: undo is for steps: what cleans up is not undone",
    '9:65: there are two steps "a" (ids are unique in a workflow)',
  ]);
});

test("a step that handles the failures of several waits for all of them", () => {
  const steps = `steps:
  - { id: a, uses: core.noop, on_error: fix }
  - { id: b, uses: core.noop, needs: [], on_error: fix }
  - { id: fix, uses: core.noop, needs: [] }
`;
  expect(step(good(steps), "fix").needs.toSorted()).toEqual(["a", "b"]);
});

test("how a run ends is known to its cleanup alone, and what undoes sees the output", () => {
  const steps = `steps:
  - { id: a, uses: p.make, if: run.status == "failed", undo: { uses: p.make, with: { nam: "\${{ output.idd }}" }, if: x } }
on_failure: [{ uses: core.echo, with: { x: "\${{ run.eror }}" } }]
`;
  expect(wrong(steps)).toEqual([
    "4:36: run has no field status (it has id, ref, created_at)",
    '4:86: with.nam does not fit p.make: there is no such input (did you mean "name"?)',
    "4:103: output has no field idd (did you mean id?)",
    expect.stringContaining('"if" is not known in undo'),
    "5:53: run has no field eror (did you mean error?)",
  ]);
});

test("priorities, times and lists are bounded, and what holds no worker takes none of its policies", () => {
  const steps = `priority: 0
timeout: 5
steps: [{ id: a, uses: core.sleep, with: { duration: 1s }, priority: 10 }]
finally: {}
`;
  expect(wrong(steps)).toEqual([
    "3:11: priority must be from 1 to 9",
    expect.stringMatching(/^4:10: timeout must be a duration, not 5/),
    "5:60: core.sleep is a timer: a step that calls it takes no priority",
    "5:70: priority must be from 1 to 9",
    "6:10: finally must be a list of steps, not a map",
  ]);
});

test("a workflow has at most 500 steps, and a step's id at most 100 characters", () => {
  const list = (count: number) =>
    `steps:\n${Array.from({ length: count }, (_, i) => `  - { id: s${i}, uses: core.noop }\n`).join("")}`;
  expect(wrong(list(500))).toEqual([]);
  expect(wrong(list(501))).toEqual(["4:3: 501 steps; 500 are allowed in a list"]);
  const named = (length: number) =>
    wrong(`steps: [{ id: ${"i".repeat(length)}, uses: core.noop }]\n`);
  expect(named(100)).toEqual([]);
  expect(named(101)).toEqual([expect.stringContaining("cannot be the id of a step")]);
});

test("a cleanup in another FIFO line than the steps is refused", () => {
  const queue = 'queue: { name: q, key: "${{ input.n }}" }';
  const other = 'queue: { name: q, key: "${{ input.names[0] }}" }';
  const fine = `steps: [{ id: a, uses: p.make, ${queue} }]\nfinally: [{ uses: p.make, ${queue} }]\n`;
  expect(wrong(fine, QUEUES)).toEqual([]);
  const steps = `steps: [{ id: a, uses: p.make, ${queue}, undo: { uses: p.make, ${other} } }]\n`;
  expect(wrong(steps, QUEUES)).toEqual([expect.stringContaining("stand in two FIFO lines")]);
});

const CHILD = {
  "workflows/child.yaml": `
workflow: p.child
input: { size: "integer!" }
steps: [{ id: a, uses: core.noop }]
`,
};

test("a step calls a workflow of its pack, with an input that is checked and policies of a call", () => {
  const steps = `steps:
  - { id: a, uses: p.child, with: { size: "\${{ input.n }}" }, retry: { attempts: 2 } }
`;
  expect(step(good(steps, CHILD), "a").action).toMatchObject({
    ref: "p.child",
    runner: { kind: "workflow" },
  });
  const bad = `steps:
  - { id: a, uses: p.child, with: { sise: 1 }, timeout: 1s }
  - { id: b, uses: p.chil }
  - { id: c, uses: p.child, queue: q, with: { sise: "\${{ nope }}" } }
`;
  expect(wrong(bad, CHILD)).toEqual([
    "4:35: with.size does not fit p.child: it is required",
    '4:37: with.sise does not fit p.child: there is no such input (did you mean "size"?)',
    "4:48: p.child is a workflow: a step that calls it takes no timeout (the workflow's own file may say it)",
    '5:20: there is no action or workflow "p.chil" (did you mean "p.child"?)',
    "6:29: p.child is a workflow: a step that calls it takes no queue (its own steps may say it)",
    expect.stringContaining('6:36: there is no queue "q"'),
    "6:45: with.size does not fit p.child: it is required",
    '6:47: with.sise does not fit p.child: there is no such input (did you mean "size"?)',
    expect.stringContaining("6:58: there is no variable nope here"),
  ]);
});

test("an undo that speaks of its own step is told under which name its result is there", () => {
  const undo = `undo: { uses: core.echo, with: { x: "\${{ steps.a.output.id }}" } }`;
  expect(wrong(`steps: [{ id: a, uses: p.make, ${undo} }]\n`)).toEqual([
    expect.stringContaining(
      'step "a" is this step itself, which is not before it (what it gave is output here)',
    ),
  ]);
});

test("workflows that call each other are refused with their circle, and so are two that share FIFO queues", () => {
  const child = (steps: string) => ({
    "workflows/child.yaml": `workflow: p.child\nsteps: [${steps}]\n`,
  });
  const steps = "steps: [{ id: a, uses: p.child }]\n";
  expect(wrong(steps, child("{ id: a, uses: p.w, with: { names: [] } }"))).toEqual([
    expect.stringContaining("these workflows call each other: p."),
  ]);
  const queued = "{ id: x, uses: p.make, queue: { name: q, key: k } }";
  expect(
    wrong(`steps: [{ id: a, uses: p.child }, ${queued}]\n`, { ...QUEUES, ...child(queued) }),
  ).toEqual([
    '3:24: "p.w" and "p.child", which it calls, both use FIFO queues; they could wait for each other for ever (let only one of them use a FIFO queue)',
  ]);
  // What undoes a step stands in line like any other.
  const undone = `{ id: x, uses: p.make, undo: { uses: p.make, queue: { name: q, key: k } } }`;
  expect(
    wrong(`steps: [{ id: a, uses: p.child }, ${queued}]\n`, { ...QUEUES, ...child(undone) }),
  ).toEqual([expect.stringContaining("both use FIFO queues")]);
});

test("an action's priority is that of its steps and runs, where neither step nor workflow says one", () => {
  const action = { "actions/make.yaml": `${MAKE}priority: 7\n` };
  const steps = "steps: [{ id: a, uses: p.make }, { id: b, uses: p.make, priority: 1 }]\n";
  const { pack } = compile(steps, action);
  expect(pack?.workflows.get("p.w")?.steps.map(({ priority }) => priority)).toEqual([7, 1]);
  expect(pack?.actions.get("p.make")?.priority).toBe(7);
  expect(step(good(`priority: 3\n${steps}`, action), "a").priority).toBe(3);
});

test("a status that nothing ever has is told where it is compared with", () => {
  const { problems } = compile(`steps:
  - { id: a, uses: core.noop, description: 'steps.a.status == "done"' }
  - { id: b, uses: core.noop, if: 'steps.a.status == "succeeded" || "skiped" != steps["a"].status' }
  - { id: c, uses: core.set, with: { x: "\${{ steps.b.status == 'timed_out' }}", y: "steps.b.status == 'x'" } }
on_failure:
  - { uses: core.log, with: { text: "\${{ run.status == 'cancelled' ? 'a' : 'b' }}" } }
`);
  expect(problems.map(formatProblem)).toEqual([
    'workflows/w.yaml:5:36: nothing has the status "succeeded" (did you mean "success"?)',
    'workflows/w.yaml:5:69: nothing has the status "skiped" (did you mean "skipped"?)',
    'workflows/w.yaml:8:42: nothing has the status "cancelled" (did you mean "canceled"?)',
  ]);
});
