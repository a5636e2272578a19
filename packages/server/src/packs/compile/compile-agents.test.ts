import { agentRequestOf } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { good, problemsOf } from "./compile.fixture.ts";

type Files = { readonly [path: string]: string };

function action(text: string, files: Files = {}) {
  const pack = good({ "actions/a.yaml": `action: p.a\nrunner: agent\n${text}`, ...files });
  return pack.actions.get("p.a");
}

/** What is wrong with the action, and with the profile in `agents/coder.yaml`. */
function wrong(text: string, profile?: string): string[] {
  return problemsOf({
    "actions/a.yaml": `action: p.a\nrunner: agent\n${text}`,
    ...(profile === undefined ? {} : { "agents/coder.yaml": profile }),
  });
}

test("an agent is named by its kind, by a profile of the pack, or described where it is used", () => {
  expect(action("agent: claude\nprompt: x\n")?.runner).toMatchObject({
    kind: "agent",
    profile: { kind: "claude", command: ["claude"], permissions: "read", silenceMs: 900_000 },
  });
  const coder =
    "agent: p.coder\nkind: claude\nmodel: opus\npermissions: edit\nlimits: { turns: 20, cost_usd: 2.5, silence: 5m }\nargs: [--x]\nkey: { env: K }\nenv: { A: b }\n";
  const profile = {
    kind: "claude",
    command: ["claude"],
    model: "opus",
    permissions: "edit",
    turns: 20,
    costUsd: 2.5,
    silenceMs: 300_000,
    args: ["--x"],
    key: { env: "K" },
    env: { A: "b" },
  };
  const named = action("agent: p.coder\nprompt: x\n", { "agents/coder.yaml": coder });
  expect(named?.runner).toMatchObject({ profile });
  const here = action("agent: { kind: codex, command: [/opt/codex, -v] }\nprompt: x\n");
  expect(here?.runner).toMatchObject({ profile: { command: ["/opt/codex", "-v"] } });
});

test("what an agent is asked is made of the input; what is null is as if left out", () => {
  const asked = action(
    'agent: codex\nprompt: "Fix ${{ input.title }}"\nfolder: "${{ input.folder }}"\nsession: "${{ default(input.session, null) }}"\nmodel: "${{ default(input.model, null) }}"\ninput: { title: string!, folder: string!, session: string, model: string }\n',
  );
  if (asked?.runner.kind !== "agent") throw new Error("no agent");
  const input = { title: "it", folder: "/srv/app" };
  expect(agentRequestOf(asked.runner, input)).toEqual({
    ok: true,
    request: { prompt: "Fix it", folder: "/srv/app" },
  });
  expect(agentRequestOf(asked.runner, { title: "it", folder: "app" })).toMatchObject({
    ok: false,
    error: { code: "invalid_input", message: expect.stringContaining("folder") },
  });
  expect(agentRequestOf(asked.runner, { ...input, model: "--option" })).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("model") },
  });
  expect(agentRequestOf(asked.runner, { ...input, session: "some title" })).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("session") },
  });
});

test("an agent takes half an hour where nothing is said, and its answer and facts are known to expressions", () => {
  expect(action("agent: claude\nprompt: x\n")?.timeoutMs).toBe(1_800_000);
  const uses = (expression: string) =>
    problemsOf({
      "actions/a.yaml":
        "action: p.a\nrunner: agent\nagent: claude\nprompt: x\noutput: { verdict: string! }\n",
      "workflows/w.yaml": `workflow: p.w\nsteps:\n  - { id: a, uses: p.a, on: { labels: [dev] }, files: "\${{ [] }}" }\noutput: "\${{ ${expression} }}"\n`,
    });
  expect(uses("steps.a.output.verdict + string(steps.a.output.agent.turns)")).toEqual([]);
  expect(uses("steps.a.output.verdict + 1")).toHaveLength(1);
});

test("everything that is wrong with an agent is told at once, with the way out", () => {
  expect(wrong("prompt: x\n")).toEqual([
    expect.stringContaining('an agent action needs "agent" (write agent: claude, agent: codex'),
  ]);
  expect(wrong("agent: claud\n")).toEqual([
    expect.stringContaining('an agent action needs "prompt"'),
    expect.stringContaining('there is no agent "claud" (did you mean "claude"?)'),
  ]);
  expect(wrong("agent: p.codr\nprompt: x\n", "agent: p.coder\nkind: codex\n")).toEqual([
    expect.stringContaining('did you mean "p.coder"?'),
  ]);
  expect(wrong("agent: claude\nprompt: x\npermissions: edit\n")).toEqual([
    expect.stringContaining("an agent's profile says it: agents/NAME.yaml"),
  ]);
  expect(wrong("agent: claude\nprompt: x\nscript: y\nurl: z\n")).toEqual([
    expect.stringContaining("script is for runner: process"),
    expect.stringContaining("url is for runner: http"),
  ]);
  expect(wrong("agent: claude\nprompt: x\noutput_schema: { type: array }\n")).toEqual([
    expect.stringContaining("an agent's answer is a map"),
  ]);
  expect(wrong("agent: claude\nprompt: x\noutput: { agent: string }\n")).toEqual([
    expect.stringContaining('field "agent"'),
  ]);
  const open = "prompt: x\noutput: { verdict: string!, notes: object* }\n";
  expect(wrong(`agent: codex\n${open}`)).toEqual([
    expect.stringContaining("properties.notes names none (name them"),
  ]);
  expect(wrong(`agent: claude\n${open}`)).toEqual([]);
});

test("a profile is checked, and who uses a broken one is not blamed", () => {
  const uses = "agent: p.coder\nprompt: x\n";
  expect(wrong(uses, "agent: p.coder\nkind: gemini\n")).toEqual([
    expect.stringContaining("agents/coder.yaml:2:7: kind must be one of claude, codex, acp"),
  ]);
  expect(wrong(uses, "agent: p.coder\nkind: codex\nlimits: { turns: 3 }\n")).toEqual([
    expect.stringContaining("codex cannot be held to turns (of codex there are silence"),
  ]);
  expect(wrong(uses, "agent: p.coder\nkind: codex\nmodel: ${{ input.m }}\n")).toEqual([
    expect.stringContaining("model takes no expressions"),
  ]);
  expect(wrong(uses, "agent: p.coder\nkind: codex\ncommand: npx codex\n")).toEqual([
    expect.stringContaining('write command: ["npx", "codex"]'),
  ]);
  expect(wrong(uses, "agent: coder\nkind: codex\n")).toEqual([
    expect.stringContaining('there is no agent "p.coder"'),
    expect.stringContaining('did you mean "p.coder"?'),
  ]);
});

test("an agent that speaks the Agent Client Protocol is any program, with its key in a variable of its own", () => {
  const gemini =
    "agent: p.coder\nkind: acp\ncommand: [gemini, --acp]\nargs: [--model, pro]\nkey: { secret: gemini }\nkey_variable: GEMINI_API_KEY\nlimits: { silence: 5m }\n";
  const named = action("agent: p.coder\nprompt: x\n", { "agents/coder.yaml": gemini });
  expect(named?.runner).toMatchObject({
    profile: {
      kind: "acp",
      command: ["gemini", "--acp"],
      args: ["--model", "pro"],
      permissions: "read",
      key: { secret: "gemini" },
      keyVariable: "GEMINI_API_KEY",
      silenceMs: 300_000,
    },
  });
  const acp = "agent: { kind: acp, command: [opencode, acp] }\nprompt: x\n";
  const session = action(`${acp}session: ses_4d\noutput: { notes: object* }\n`);
  if (session?.runner.kind !== "agent") throw new Error("no agent");
  expect(agentRequestOf(session.runner, {})).toMatchObject({ request: { session: "ses_4d" } });
});

test("what cannot be had of an agent that is spoken with is refused as the pack is loaded", () => {
  const uses = "agent: p.coder\nprompt: x\n";
  const acp = "agent: p.coder\nkind: acp\ncommand: [gemini, --acp]\n";
  expect(wrong("agent: acp\nprompt: x\n")).toEqual([
    expect.stringContaining("agent: acp alone says no program (write agent: { kind: acp, command"),
  ]);
  expect(wrong(uses, "agent: p.coder\nkind: acp\n")).toEqual([
    expect.stringContaining('needs "command" (write command: [gemini, --acp]'),
  ]);
  expect(wrong(uses, `${acp}limits: { turns: 3 }\n`)).toEqual([
    expect.stringContaining("acp cannot be held to turns (of acp there are silence"),
  ]);
  expect(wrong(uses, `${acp}model: pro\n`)).toEqual([
    expect.stringContaining("acp cannot be told a model (its own arguments or settings say it"),
  ]);
  expect(wrong(`${uses}model: pro\n`, acp)).toEqual([
    expect.stringContaining("actions/a.yaml:5:1: acp cannot be told a model"),
  ]);
  expect(wrong(uses, `${acp}key: { env: K }\n`)).toEqual([
    expect.stringContaining("a key needs the variable in which the agent takes it"),
  ]);
  expect(wrong(uses, `${acp}key: { env: K }\nkey_variable: YARD_SESSION\n`)).toEqual([
    expect.stringContaining('"YARD_SESSION" is no name of a variable that could be given'),
  ]);
  expect(wrong(uses, "agent: p.coder\nkind: claude\nkey: { env: K }\nkey_variable: K\n")).toEqual([
    expect.stringContaining("claude takes its key in a variable of its own"),
  ]);
  expect(wrong(`${uses}on: { node: box }\n`, acp)).toEqual([
    expect.stringContaining(
      "this action is not carried out on a node (agents of kind acp are spoken with while they work",
    ),
  ]);
  const workflow = "workflow: p.w\nsteps:\n  - { id: a, uses: p.a, on: { labels: [dev] } }\n";
  expect(
    problemsOf({
      "actions/a.yaml": `action: p.a\nrunner: agent\n${uses}`,
      "agents/coder.yaml": acp,
      "workflows/w.yaml": workflow,
    }),
  ).toEqual([expect.stringContaining("this action is not carried out on a node")]);
});
