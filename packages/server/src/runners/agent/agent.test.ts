import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type AgentProfile,
  type AgentSpec,
  compileTemplate,
  type SecretPlace,
} from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { errorOf, isRunning, outputOf, setUp } from "../attempt.fixture.ts";
import type { AttemptContext } from "../runner.ts";
import { type AgentRunnerDeps, createAgentRunner } from "./agent.ts";

const PROGRAM = fileURLToPath(new URL("agent.fixture.mjs", import.meta.url));
const RESETS_AT = 1_795_907_449_000;

interface Play {
  readonly env?: { readonly [name: string]: string };
  readonly request?: { readonly [name: string]: Json };
  readonly profile?: Partial<AgentProfile>;
  readonly answer?: AgentSpec["answer"];
  readonly context?: Partial<AttemptContext>;
  readonly resultLimitBytes?: number;
  readonly lingersMs?: number;
  readonly readKey?: AgentRunnerDeps["readKey"];
}

/** Runs an attempt of an agent that plays `recorded`. */
function setUpAgent() {
  const here = setUp();

  function run(recorded: string, play: Play = {}) {
    const { env = {}, request = {}, profile, answer, context, resultLimitBytes } = play;
    const types = { variables: { input: { type: "object" as const } } };
    const template = compileTemplate({ prompt: "Fix ${{ input.what }}", ...request }, types);
    if (!template.ok) throw new Error(JSON.stringify(template.errors));
    const runner = createAgentRunner({
      processes: here.runner,
      now: () => RESETS_AT - 3_600_000,
      resultLimitBytes: resultLimitBytes ?? 1_000_000,
      logLimitBytes: 1_000_000,
      ...(play.lingersMs !== undefined && { lingersMs: play.lingersMs }),
      ...(play.readKey !== undefined && { readKey: play.readKey }),
    });
    const spec: AgentSpec = {
      kind: "agent",
      profile: {
        kind: recorded.startsWith("codex") ? "codex" : "claude",
        command: [process.execPath, PROGRAM],
        permissions: "edit",
        silenceMs: 20_000,
        env: { AGENT_PLAYS: recorded, ...env },
        ...profile,
      },
      request: template.value,
      ...(answer === undefined ? {} : { answer }),
    };
    return runner.run(spec, here.context({ input: { what: "the tests" }, ...context }));
  }

  return {
    ...here,
    run,
    asked: (folder = here.work) => JSON.parse(readFileSync(join(folder, "asked.json"), "utf8")),
  };
}

describe("an agent", () => {
  it("gives its last words and what is known of its work, which is told in the log", async () => {
    const { run, asked, textOf } = setUpAgent();
    expect(outputOf(await run("claude-writes"))).toEqual({
      text: "Done: wrote hello.txt.",
      agent: {
        kind: "claude",
        session: expect.any(String),
        model: "claude-opus-5-5",
        turns: 2,
        cost_usd: expect.closeTo(0.0159),
        usage: expect.objectContaining({ input_tokens: 2400, output_tokens: 85 }),
      },
    });
    expect(asked().prompt).toBe("Fix the tests\n");
    expect(textOf("stdout")).toMatch(
      /^\[agent\] version .*\nI will write the file\.\n\[tool\] Write/,
    );
    expect(
      textOf("raw")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line).type),
    ).toEqual(["system", "assistant", "assistant", "user", "assistant", "result"]);
  });

  it("answers with a value of the form that it is asked for", async () => {
    const { run, asked, work } = setUpAgent();
    const answer = { type: "object", properties: { verdict: { type: "string" } } };
    const output = outputOf(await run("codex-answers", { answer }));
    expect(output).toMatchObject({ verdict: "approve", findings: 2, agent: { kind: "codex" } });
    expect(asked().schema).toMatchObject({ required: ["verdict"], additionalProperties: false });
    expect(readdirSync(work)).toEqual(["asked.json"]);
    expect(outputOf(await run("claude-answers", { answer }))).toMatchObject({
      verdict: "approve",
      agent: { text: '{"verdict":"approve","findings":2}' },
    });
  });

  it("works in the folder that it is given, and goes on with a session", async () => {
    const { run, asked, root } = setUpAgent();
    const folder = join(realpathSync(root), "a checkout's folder");
    mkdirSync(folder);
    const session = "ba225c8e-187d-4c0d-80bc-ffa13ba2785a";
    await run("claude-says", { request: { folder, session } });
    expect(asked(folder)).toMatchObject({ cwd: folder, args: expect.arrayContaining([session]) });
    const lost = await run("claude-says", { request: { folder: `${folder}/none` } });
    expect(errorOf(lost).message).toContain(`The folder ${folder}/none cannot be worked in.`);
  });

  it("has not succeeded for an exit code of 0: it must say so", async () => {
    const { run } = setUpAgent();
    const error = errorOf(await run("claude-writes", { env: { AGENT_UNTIL: "3" } }));
    expect(error).toMatchObject({ code: "agent_failed", details: { outcome: "crashed" } });
    expect(error.message).toContain("did not say how its work ended");
  });

  it("has not succeeded for saying so: its process must agree", async () => {
    const { run } = setUpAgent();
    const error = errorOf(await run("claude-says", { env: { AGENT_THEN: "exit:3" } }));
    expect(error).toMatchObject({ code: "agent_failed", details: { outcome: "crashed" } });
    expect(error.message).toContain("exited with code 3");
  });

  it.each([
    ["claude-turns", "turn_limit", "Raise limits.turns"],
    ["claude-budget", "budget", "Raise limits.cost_usd"],
    ["claude-refuses", "refused", "Claude has refused"],
    ["codex-auth", "auth", "Log codex in where it runs"],
  ])("tells of %s what happened, what it took and what to do", async (recorded, outcome, hint) => {
    const { run } = setUpAgent();
    const error = errorOf(await run(recorded, { env: { AGENT_THEN: "exit:1" } }));
    expect(error).toMatchObject({
      code: "agent_failed",
      details: { outcome, session: expect.any(String) },
    });
    expect(error.message).toContain(hint);
  });

  it("says how long the limit of its provider lasts", async () => {
    const { run } = setUpAgent();
    const error = errorOf(await run("claude-rate-limit", { env: { AGENT_THEN: "exit:1" } }));
    expect(error).toMatchObject({
      code: "agent_limit",
      details: { outcome: "rate_limited", window: "five_hour", retry_after_ms: 3_600_000 },
    });
    const codex = errorOf(await run("codex-rate-limit", { env: { AGENT_THEN: "exit:1" } }));
    expect(codex.details).not.toHaveProperty("retry_after_ms");
  });

  it.each(["stay", "chatter"])(
    "has succeeded where it said so and then did not go (%s)",
    async (then) => {
      const { run } = setUpAgent();
      const play = { env: { AGENT_THEN: then }, lingersMs: 100 };
      expect(outputOf(await run("claude-says", play))).toMatchObject({
        text: "Done: wrote hello.txt.",
      });
    },
  );

  it("is stopped when it gives no sign for too long", async () => {
    const { run } = setUpAgent();
    const play = { env: { AGENT_THEN: "stay" }, profile: { silenceMs: 1_000 } };
    expect(errorOf(await run("claude-hangs", play))).toMatchObject({
      code: "agent_failed",
      details: { outcome: "stalled" },
    });
  });

  it("is stopped when its provider refuses it again and again, long before it gives up", async () => {
    const { run } = setUpAgent();
    const error = errorOf(await run("claude-auth", { env: { AGENT_THEN: "stay" } }));
    expect(error.details).toMatchObject({ outcome: "auth" });
  });

  it("is canceled as any process, nothing of it is left, and its session is told", async () => {
    const { run, abort, logged } = setUpAgent();
    let pid = 0;
    const running = run("claude-hangs", { env: { AGENT_THEN: "stay" } });
    await logged("[agent] version");
    abort.abort("cancel");
    const result = await running;
    pid = result.facts.pid ?? 0;
    expect(result).toMatchObject({
      status: "canceled",
      error: { code: "canceled", details: { session: expect.any(String) } },
    });
    expect(isRunning(pid)).toBe(false);
  });

  it("says how to install a program that is not there", async () => {
    const { run } = setUpAgent();
    const error = errorOf(await run("claude-says", { profile: { command: ["no-such-agent"] } }));
    expect(error.code).toBe("process_start");
    expect(error.message).toContain("npm install -g @anthropic-ai/claude-code");
  });

  it("counts lines that are no JSON and goes on", async () => {
    const { run } = setUpAgent();
    const profile = {
      command: ["/bin/sh", "-c", 'echo "not json"; exec "$@"', "x", process.execPath, PROGRAM],
    };
    expect(outputOf(await run("claude-says", { profile }))).toMatchObject({
      agent: { malformed_lines: 1 },
    });
  });

  it("fails with limit_exceeded where its words have no room in an output", async () => {
    const { run } = setUpAgent();
    const error = errorOf(await run("claude-says", { resultLimitBytes: 100 }));
    expect(error.code).toBe("limit_exceeded");
  });

  it("is given the key of its provider, and not asked where that is not there", async () => {
    const { run, asked } = setUpAgent();
    const keyed = (name: string) => ({
      profile: { key: { env: name } },
      readKey: async (place: SecretPlace) =>
        "env" in place && place.env === "KEY" ? "sk-1" : undefined,
    });
    await run("claude-says", keyed("KEY"));
    expect(asked().key).toBe("sk-1");
    const error = errorOf(await run("claude-says", keyed("OTHER")));
    expect(error).toMatchObject({ code: "agent_failed", details: { outcome: "config" } });
    expect(error.message).toContain("nothing in the variable OTHER");
  });

  it("does not give its key away, and says why it is not given one that is set elsewhere", async () => {
    const { run, logs, asked } = setUpAgent();
    const profile = { key: { secret: "provider" } };
    const pack = "p";
    // It stands in what the agent has printed.
    const key = "Done: wrote hello.txt.";
    const places: unknown[] = [];
    const readKey = async (...call: unknown[]) => {
      places.push(call);
      return key;
    };
    const context = { pack };
    const result = await run("claude-says", { profile, readKey, context });
    expect(asked().key).toBe(key);
    expect(places).toEqual([[{ secret: "provider" }, pack]]);
    expect(JSON.stringify([result, logs])).not.toContain(key);
    const missing = { code: "secret_missing", message: "It is not set." } as const;
    const refused = await run("claude-says", { profile, readKey: async () => missing, context });
    expect(errorOf(refused)).toEqual(missing);
  });

  it("is not asked where its prompt cannot be put together", async () => {
    const { run, work } = setUpAgent();
    const error = errorOf(await run("claude-says", { context: { input: {} } }));
    expect(error).toMatchObject({ code: "expression_failed" });
    expect(existsSync(join(work, "asked.json"))).toBe(false);
  });
});
