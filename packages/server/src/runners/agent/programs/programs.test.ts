import { readFileSync } from "node:fs";
import type { JsonSchema } from "@yardmaster/kernel";
import type { JsonObject } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import type { AgentEnded, AgentEvent } from "../agent-event.ts";
import { toldOf } from "../told.ts";
import { PROGRAMS, type PrintingKind } from "./index.ts";

const ANSWER: JsonSchema = {
  type: "object",
  properties: {
    verdict: { type: "string" },
    findings: { type: "integer" },
    note: { type: "string" },
  },
  required: ["verdict"],
};

/** What the program printed, recorded from Claude Code 2.1.332 and Codex 0.171.0 against a model of our own. */
function heard(name: string, answer?: JsonSchema): AgentEvent[] {
  const text = readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), "utf8");
  const read = PROGRAMS[name.split("-")[0] as PrintingKind].reader(answer);
  return text
    .trimEnd()
    .split("\n")
    .flatMap((line) => read(JSON.parse(line) as JsonObject));
}

const endOf = (name: string, answer?: JsonSchema): AgentEnded | undefined =>
  heard(name, answer).findLast((event) => event.type === "ended");

const told = (name: string): string[] => heard(name).flatMap((event) => toldOf(event) ?? []);

describe("what Claude Code prints", () => {
  it("is told as it works, and what it came to", () => {
    expect(told("claude-writes")).toEqual([
      expect.stringMatching(
        /^\[agent\] version 2\.1\.332, model claude-opus-5-5, session [\w-]{36}$/,
      ),
      "I will write the file.",
      '[tool] Write {"file_path":"/srv/work/hello.txt","content":"hello from the agent\\n"}',
      "Done: wrote hello.txt.",
      "[agent] ended: completed, 2 turns, 0.0159 USD, 85 tokens written",
    ]);
    expect(endOf("claude-writes")).toMatchObject({
      outcome: "completed",
      text: "Done: wrote hello.txt.",
      usage: {
        input_tokens: 2400,
        cached_input_tokens: 8000,
        cache_write_input_tokens: 600,
        output_tokens: 85,
      },
    });
  });

  it("has the answer beside its words where one was asked for", () => {
    const answer = { verdict: "approve", findings: 2 };
    expect(endOf("claude-answers", ANSWER)).toMatchObject({ outcome: "completed", answer });
  });

  it("is a failure where it says success and the answer is missing", () => {
    expect(endOf("claude-answers-wrongly")).toMatchObject({ outcome: "completed" });
    expect(endOf("claude-answers-wrongly", ANSWER)).toMatchObject({
      outcome: "error",
      text: expect.stringContaining("no answer of the form"),
    });
  });

  it.each([
    ["claude-turns", "turn_limit"],
    ["claude-budget", "budget"],
    ["claude-rate-limit", "rate_limited"],
    ["claude-rate-limit-of-a-key", "rate_limited"],
    ["claude-overloaded", "overloaded"],
    ["claude-billing", "billing"],
    ["claude-refuses", "refused"],
  ])("says of %s that it is %s, though its subtype may be success", (name, outcome) => {
    expect(endOf(name)?.outcome).toBe(outcome);
  });

  it("names the time at which a limit of a subscription ends", () => {
    expect(heard("claude-rate-limit")).toContainEqual({
      type: "rate_limit",
      isReached: true,
      window: "five_hour",
      resetsAt: 1_795_907_449_000,
    });
    expect(told("claude-rate-limit")).toContain(
      "[agent] the limit five_hour is reached until 2026-11-28T23:10:49.000Z",
    );
  });

  it("tells what it was not allowed, and what its provider turns away", () => {
    expect(told("claude-is-denied")).toContain("[agent] Write was not allowed (permissions)");
    expect(told("claude-overloaded")).toContain(
      "[agent] its provider: overloaded (try 1, again in 0.6 s)",
    );
    const tries = heard("claude-auth").filter((event) => event.type === "provider_retry");
    expect(tries.slice(0, 3).map(({ final }) => final)).toEqual([undefined, undefined, "auth"]);
  });
});

describe("what Codex prints", () => {
  it("is told as it works, and what it came to", () => {
    expect(told("codex-writes").filter((line) => !line.includes("metadata"))).toEqual([
      expect.stringMatching(/^\[agent\] session [\w-]{36}$/),
      "[thought] **Planning the file** I need to write hello.txt",
      "I will write the file.",
      "[tool] command /bin/bash -lc 'echo hello from the agent > hello.txt'",
      "Done: wrote hello.txt.",
      "[agent] ended: completed, 240 tokens written",
    ]);
    expect(endOf("codex-writes")?.usage).toEqual({
      input_tokens: 10_000,
      cached_input_tokens: 6000,
      cache_write_input_tokens: 0,
      output_tokens: 240,
      reasoning_output_tokens: 80,
    });
  });

  it("has the answer as its last words, where nulls stand for what was left out", () => {
    const answer = { verdict: "approve", findings: 2 };
    expect(endOf("codex-answers", ANSWER)).toMatchObject({ outcome: "completed", answer });
    const read = PROGRAMS.codex.reader(ANSWER);
    const text = JSON.stringify({ ...answer, note: null });
    read({ type: "item.completed", item: { type: "agent_message", text } });
    expect(read({ type: "turn.completed", usage: {} })).toMatchObject([{ answer }]);
  });

  it("is a failure where words stand for the answer", () => {
    expect(endOf("codex-says", ANSWER)).toMatchObject({ outcome: "error" });
  });

  it("tells a command that failed with its exit code", () => {
    expect(told("codex-command-fails")).toContain(
      "[tool] failed: exit code 2: ls: cannot access '/nonexistent': No such file or directory",
    );
  });

  it.each([
    ["codex-rate-limit", "rate_limited"],
    ["codex-auth", "auth"],
    ["codex-overloaded", "overloaded"],
  ])("says of %s that it is %s, in words alone", (name, outcome) => {
    expect(endOf(name)?.outcome).toBe(outcome);
  });
});

describe("what they are started with", () => {
  const profile = {
    command: [],
    permissions: "edit",
    silenceMs: 1,
    turns: 3,
    costUsd: 0.5,
  } as const;

  it("holds Claude Code to its limits and its permissions", () => {
    const { args } = PROGRAMS.claude.call(
      { ...profile, kind: "claude", model: "sonnet", args: ["--betas", "x"] },
      { prompt: "p", model: "opus", session: "s-1" },
      ANSWER,
    );
    expect(args.join(" ")).toBe(
      `--print --output-format stream-json --verbose --setting-sources user --permission-mode acceptEdits --model opus --max-turns 3 --max-budget-usd 0.5 --resume s-1 --json-schema ${JSON.stringify(ANSWER)} --betas x`,
    );
  });

  it("gives Claude Code its answer's schema without what draft 7 does not know, by which it is checked", () => {
    const answer: JsonSchema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        prefixItems: { type: "array", prefixItems: [{ type: "string" }], minItems: 1 },
        by: { $ref: "#/$defs/who", const: { $id: 1 } },
      },
      $defs: { who: { type: "object", unevaluatedProperties: false } },
    };
    const { args } = PROGRAMS.claude.call({ ...profile, kind: "claude" }, { prompt: "p" }, answer);
    expect(JSON.parse(args.at(-1) ?? "")).toEqual({
      type: "object",
      properties: {
        prefixItems: { type: "array", minItems: 1 },
        by: { $ref: "#/$defs/who", const: { $id: 1 } },
      },
      $defs: { who: { type: "object" } },
    });
  });

  it("gives Codex its answer's schema in the strict form that its provider takes", () => {
    const { args, schema } = PROGRAMS.codex.call(
      { ...profile, kind: "codex" },
      { prompt: "p", session: "t-1" },
      ANSWER,
    );
    expect(args.join(" ")).toBe(
      'exec resume t-1 --json --skip-git-repo-check -c sandbox_mode="workspace-write" -c approval_policy="never" -',
    );
    expect(schema?.flag).toBe("--output-schema");
    expect(JSON.parse(schema?.text ?? "")).toEqual({
      type: "object",
      properties: {
        verdict: { type: "string" },
        findings: { anyOf: [{ type: "integer" }, { type: "null" }] },
        note: { anyOf: [{ type: "string" }, { type: "null" }] },
      },
      required: ["verdict", "findings", "note"],
      additionalProperties: false,
    });
  });

  it("gives Codex choices, references and maps that may be null in that form, and takes its nulls out of them again", () => {
    const answer: JsonSchema = {
      type: "object",
      properties: {
        found: { type: "array", items: { $ref: "#/$defs/finding" } },
        by: { oneOf: [form("person", "name"), form("tool", "version")] },
        place: { type: ["object", "null"], properties: { line: { type: "integer" } } },
      },
      required: ["found", "by", "place"],
      $defs: { finding: form("finding", "fix") },
    };
    const { schema } = PROGRAMS.codex.call({ ...profile, kind: "codex" }, { prompt: "p" }, answer);
    const sent = JSON.parse(schema?.text ?? "");
    expect(sent.$defs.finding.required).toEqual(["kind", "fix"]);
    expect(sent.properties.by.anyOf[1].required).toEqual(["kind", "version"]);
    expect(sent.properties.place).toMatchObject({
      required: ["line"],
      additionalProperties: false,
    });

    const read = PROGRAMS.codex.reader(answer);
    const text = JSON.stringify({
      found: [{ kind: "finding", fix: null }],
      by: { kind: "tool", version: null },
      place: { line: null },
    });
    read({ type: "item.completed", item: { type: "agent_message", text } });
    expect(read({ type: "turn.completed" })).toMatchObject([
      { answer: { found: [{ kind: "finding" }], by: { kind: "tool" }, place: {} } },
    ]);
  });
});

/** A map of one kind, whose second field may be left out. */
function form(kind: string, other: string): JsonObject {
  return {
    type: "object",
    properties: { kind: { const: kind }, [other]: { type: "string" } },
    required: ["kind"],
  };
}
