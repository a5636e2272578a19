import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorOf, isRunning, outputOf } from "../../attempt.fixture.ts";
import type { AttemptFiles } from "../../files/index.ts";
import { setUpAcp } from "./acp.fixture.ts";

describe("an agent of the official package", () => {
  it("is told who asks and where it works, and its words, plan, tools and cost are told and kept", async () => {
    const { ask, asked, work, textOf } = setUpAcp();
    const result = await ask("do it");
    expect(outputOf(result)).toEqual({
      text: "It is done.",
      agent: {
        kind: "acp",
        session: "ses_1",
        model: "m-1",
        cost_usd: 0.25,
        usage: { input_tokens: 20, output_tokens: 10 },
      },
    });
    expect(asked()).toMatchObject([
      {
        method: "initialize",
        params: {
          protocolVersion: 1,
          clientCapabilities: {
            fs: { readTextFile: false, writeTextFile: false },
            terminal: false,
          },
          clientInfo: { name: "yardmaster" },
        },
      },
      { method: "session/new", params: { cwd: realpathSync(work), mcpServers: [] } },
      {
        method: "session/prompt",
        params: { sessionId: "ses_1", prompt: [{ type: "text", text: "do it" }] },
      },
    ]);
    expect(textOf("stdout")).toBe(`[agent] version 1.2.3, model m-1, session ses_1
[thought] Hm, well.
[plan] [x] Look; [>] Do it
I look first.
Then I see.
[tool] Read a.txt /a.txt
[tool] failed: no such file
It is done.
[agent] ended: completed, 0.2500 USD, 10 tokens written
`);
    const raw = textOf("raw").trimEnd().split("\n");
    expect(raw.map((line) => JSON.parse(line).jsonrpc)).toEqual(raw.map(() => "2.0"));
    expect(raw.length).toBeGreaterThan(10);
  });

  it("works in the folder that it is given", async () => {
    const { ask, asked, root } = setUpAcp();
    const folder = join(realpathSync(root), "a checkout");
    mkdirSync(folder);
    const profile = { permissions: "edit" } as const;
    await ask("write new.txt", { request: { folder }, profile });
    expect(asked(folder)[1]?.params).toMatchObject({ cwd: folder });
    expect(readFileSync(join(folder, "new.txt"), "utf8")).toBe("written\n");
    const lost = await ask("do it", { request: { folder: `${folder}/none` } });
    expect(errorOf(lost).message).toContain(`The folder ${folder}/none cannot be worked in.`);
  });

  it("may with `read` change nothing, which it and the log are told", async () => {
    const { ask, work, textOf } = setUpAcp();
    expect(outputOf(await ask("write a.txt"))).toMatchObject({ text: "answer: no" });
    expect(outputOf(await ask("run make"))).toMatchObject({ text: "answer: no" });
    expect(existsSync(join(work, "a.txt"))).toBe(false);
    expect(textOf("stdout")).toContain("[agent] Write a.txt was not allowed (permissions: read)\n");
  });

  it("may with `edit` change files of its folder, once each, and none beside it", async () => {
    const { ask, root, work, textOf } = setUpAcp();
    const profile = { permissions: "edit" } as const;
    const answer = async (prompt: string) => outputOf(await ask(prompt, { profile }));
    expect(await answer("write a.txt")).toMatchObject({ text: "answer: once" });
    expect(textOf("stdout")).toContain("[agent] Write a.txt was allowed (permissions)\n");
    symlinkSync(root, join(work, "out"));
    symlinkSync(join(root, "nothing-yet"), join(work, "dangling"));
    for (const path of ["../b.txt", "out/b.txt", "dangling", "new/../../b.txt"])
      expect(await answer(`write ${path}`)).toMatchObject({ text: "answer: no" });
    expect(textOf("stdout")).toContain("b.txt is not in its folder)");
    expect(await answer("run make")).toMatchObject({ text: "answer: no" });
  });

  it("may with `all` do anything", async () => {
    const { ask } = setUpAcp();
    const profile = { permissions: "all" } as const;
    expect(outputOf(await ask("run make", { profile }))).toMatchObject({ text: "answer: once" });
  });

  it("is refused with an error of the protocol what is not offered to it", async () => {
    const { ask } = setUpAcp();
    expect(outputOf(await ask("read_client"))).toMatchObject({ text: "code: -32601" });
  });

  it("answers with a value of the form that it is asked for", async () => {
    const { ask, asked } = setUpAcp();
    const spec = {
      answer: {
        type: "object",
        properties: { verdict: { type: "string" } },
        required: ["verdict"],
      },
    } as const;
    const output = outputOf(await ask('answer {"verdict":"approve"}', { spec }));
    expect(output).toMatchObject({
      verdict: "approve",
      agent: { kind: "acp", text: '{"verdict":"approve"}' },
    });
    expect(JSON.stringify(asked().at(-1)?.params)).toContain('\\"required\\":[\\"verdict\\"]');
    const fenced = await ask('answer ```json\n{"verdict":"no"}\n```', { spec });
    expect(outputOf(fenced)).toMatchObject({ verdict: "no" });
  });

  it("is asked again, once, for an answer that does not fit, and has failed where that does not either", async () => {
    const { ask, asked, textOf } = setUpAcp();
    const answer = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    const spec = { answer } as const;
    const mended = await ask('answer It is 7. / {"n":7}', { spec });
    expect(outputOf(mended)).toMatchObject({ n: 7 });
    const prompts = asked().filter(({ method }) => method === "session/prompt");
    expect(prompts).toHaveLength(2);
    expect(JSON.stringify(prompts[1])).toContain("it is not JSON");
    expect(textOf("stdout")).toContain("[agent] it is asked again for its answer: it is not JSON");
    const error = errorOf(await ask('answer {"n":"7"} / {"n":"8"} / {"n":9}', { spec }));
    expect(error).toMatchObject({ code: "agent_failed", details: { outcome: "error" } });
    expect(error.message).toMatch(
      /no answer of the form .*, twice \(\/n .*\); it said: \{"n":"8"\}/,
    );
  });

  it.each([
    ["max_tokens", "turn_limit", "it stopped at max_tokens. Go on with its session"],
    ["max_turn_requests", "turn_limit", "it stopped at max_turn_requests"],
    ["refusal", "refused", "has refused: so far"],
    ["cancelled", "error", "broke off by itself"],
  ])("that stops for %s has ended as %s", async (reason, outcome, told) => {
    const { ask } = setUpAcp();
    const error = errorOf(await ask(`stop ${reason}`));
    expect(error).toMatchObject({
      code: "agent_failed",
      details: { outcome, session: "ses_1" },
    });
    expect(error.message).toContain(told);
  });

  it("that wants a login says so, with the ways that it knows", async () => {
    const { ask } = setUpAcp();
    const error = errorOf(await ask("do it", { env: { ACP_AUTH: "1" } }));
    expect(error).toMatchObject({ code: "agent_failed", details: { outcome: "auth" } });
    expect(error.message).toMatch(
      /can be logged in by: Log in with a key\. Log it in where it runs/,
    );
  });

  it.each([
    ["session/resume", { ACP_RESUMES: "1", ACP_LOADS: "1" }],
    ["session/load", { ACP_LOADS: "1" }],
  ])(
    "goes on with an earlier conversation by %s, and what was said in it counts for nothing",
    async (way, env) => {
      const { ask, asked, textOf } = setUpAcp();
      const output = outputOf(await ask("do it", { env, request: { session: "ses_1" } }));
      expect(output).toMatchObject({ text: "It is done.", agent: { session: "ses_1" } });
      expect(asked()[1]).toMatchObject({ method: way, params: { sessionId: "ses_1" } });
      expect(textOf("stdout")).not.toContain("said long ago");
    },
  );

  it("that cannot go on with a conversation is not asked", async () => {
    const { ask, asked } = setUpAcp();
    const request = { session: "ses_1" };
    const error = errorOf(await ask("do it", { request }));
    expect(error).toMatchObject({ details: { outcome: "config" } });
    expect(error.message).toContain("cannot go on with an earlier conversation");
    expect(asked()).toHaveLength(1);
    const env = { ACP_LOADS: "1" };
    const lost = errorOf(await ask("do it", { env, request: { session: "ses_2" } }));
    expect(lost).toMatchObject({ details: { outcome: "config" } });
    expect(lost.message).toContain("would not go on with the conversation");
  });

  it("is asked to break off when it is canceled, then told to go, and its session is told", async () => {
    const { ask, abort, logged, textOf } = setUpAcp();
    const running = ask("wait", { env: { ACP_STAYS: "1" } });
    await logged("waiting\n");
    abort.abort("cancel");
    const result = await running;
    expect(result).toMatchObject({
      status: "canceled",
      error: { code: "canceled", details: { session: "ses_1" } },
    });
    expect(textOf("stderr")).toContain("canceled, and then: cancelled\n");
    expect(isRunning(result.facts.pid ?? 0)).toBe(false);
  });

  it("is killed at once with its lease", async () => {
    const { ask, abort, logged, textOf } = setUpAcp();
    const running = ask("wait");
    await logged("waiting\n");
    abort.abort("lease_lost");
    expect((await running).status).toBe("canceled");
    expect(textOf("stderr")).not.toContain("canceled, and then");
  });

  it("has its time, as any process", async () => {
    const { ask } = setUpAcp();
    const result = await ask("wait", { context: { timeoutMs: 2_000 } });
    expect(result).toMatchObject({ status: "timed_out", error: { code: "timed_out" } });
    expect(isRunning(result.facts.pid ?? 0)).toBe(false);
  });

  it("has succeeded where it said so, whatever its process does then, and its files are handed back", async () => {
    const { ask } = setUpAcp();
    const env = { ACP_EXIT: "3" };
    expect(await ask("do it", { env })).toMatchObject({
      status: "success",
      facts: { exitCode: 3 },
    });
    const handed: string[] = [];
    const profile = { permissions: "edit" } as const;
    const result = await ask("write a.txt", {
      env: { ACP_STAYS: "1" },
      profile,
      spec: { files: ["*.txt"] },
      context: { files: keeping(handed) },
      deps: { lingersMs: 100 },
    });
    expect(result).toMatchObject({ status: "success", files: [{ path: "a.txt", bytes: 8 }] });
    expect(handed).toEqual(["written\n"]);
  });

  it("is given its key in the variable that its profile names, and does not give it away", async () => {
    const { ask, asked, logs } = setUpAcp();
    const profile = { key: { env: "K" }, keyVariable: "AGENT_KEY" };
    // It comes in two pieces, of which neither is the key.
    const key = "It is done.";
    const result = await ask("do it", { profile, deps: { readKey: async () => key } });
    expect(asked()[0]?.key).toBe(key);
    const told = logs.filter(({ stream }) => stream !== "raw");
    expect(JSON.stringify([result, told])).not.toContain(key);
    expect(outputOf(result)).toMatchObject({ text: "***" });
  });

  it("fails with limit_exceeded where its words have no room in an output", async () => {
    const { ask } = setUpAcp();
    const error = errorOf(await ask("do it", { deps: { resultLimitBytes: 5 } }));
    expect(error.code).toBe("limit_exceeded");
  });
});

/** Takes what is handed back. */
function keeping(handed: string[]): AttemptFiles {
  return {
    given: [],
    refused: async () => undefined,
    read: () => {
      throw new Error("nothing is given");
    },
    overLimit: async () => undefined,
    reuse: async () => false,
    write() {
      const parts: Buffer[] = [];
      return {
        add: async (bytes) => void parts.push(Buffer.from(bytes)),
        async finish() {
          handed.push(Buffer.concat(parts).toString());
          return true;
        },
        drop: async () => {},
      };
    },
  };
}
