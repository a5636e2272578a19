import { fileURLToPath } from "node:url";
import { type AgentSpec, compileTemplate } from "@yardmaster/kernel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, workflowOf } from "../../test/workflows.ts";

const PROGRAM = fileURLToPath(new URL("../runners/agent/agent.fixture.mjs", import.meta.url));

/** An agent that says what a real one has said. */
function agentThat(recorded: string) {
  const request = compileTemplate({ prompt: "${{ input.ask }}" }, { variables: { input: true } });
  if (!request.ok) throw new Error(JSON.stringify(request.errors));
  const spec: AgentSpec = {
    kind: "agent",
    profile: {
      kind: "claude",
      command: [process.execPath, PROGRAM],
      permissions: "edit",
      silenceMs: 60_000,
      env: { AGENT_PLAYS: recorded },
    },
    request: request.value,
    files: ["asked.json"],
  };
  return actionOf("test.agent", spec);
}

const WORKFLOWS = [
  workflowOf("test.says", [
    { id: "fix", action: agentThat("claude-writes"), with: { ask: "Fix it" } },
  ]),
  workflowOf("test.waits", [
    { id: "fix", action: agentThat("claude-rate-limit"), with: { ask: "Fix it" } },
  ]),
];

let db: TestDatabase;
let engine: TestEngine;

beforeAll(async () => {
  db = await createTestDatabase();
  engine = await startEngine(db.url, definitionsOf(WORKFLOWS));
});

afterAll(async () => {
  await engine?.close();
  await db?.drop();
});

test("an agent works in a step as any action: told in the log, with its raw lines for who asks for them", async () => {
  const run = await engine.finish("test.says");
  expect(run).toMatchObject({ status: "success" });
  const log = await engine.engine.logs(run.id, { limit: 100 });
  expect(log.map(({ stream }) => stream)).not.toContain("raw");
  expect(log.map(({ text }) => text).join("")).toContain("[tool] Write ");
  const raw = await engine.engine.logs(run.id, { limit: 100, raw: true });
  expect(raw.find(({ stream }) => stream === "raw")?.text).toContain('"subtype":"init"');
  const tail = await engine.engine.logs(run.id, { limit: 100, tail: 1 });
  expect(tail.map(({ text }) => text).join("")).toMatch(/^\[agent\] ended: completed/);
});

test("an agent whose provider has reached a limit waits for its end, and says so", async () => {
  const id = await engine.start("test.waits");
  const chain = async () => (await engine.engine.explain(id))?.chain.join("\n");
  await expect.poll(chain).toContain("attempt 2 starts at ");
  expect(await chain()).toContain(
    "step fix: attempt 1 failed: Claude has reached a limit of its provider: You've hit your 5-hour limit",
  );
  expect(await engine.engine.run(id)).toMatchObject({ status: "waiting" });
  await engine.engine.cancel(id, "test");
  expect(await engine.engine.waitForEnd(id, 10_000)).toMatchObject({ status: "canceled" });
});
