import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeFrames } from "@yardmaster/protocol/node";
import { expect, onTestFinished, test, vi } from "vitest";
import { type FakeConnection, startFakeServer } from "../src/link/testing/fake-server.ts";
import { newState, startNode } from "./node-process.ts";

/** Of no other test: the processes of a call are looked for on the whole machine, by its id. */
const CALL = randomUUID();

async function running() {
  const server = await startFakeServer();
  onTestFinished(() => server.close());
  const node = await startNode(["run"], { state: newState({ server: server.url }) });
  const connection = await server.connection();
  await connection.login({ resumeToken: "rt-1", graceMs: 20_000 });
  await connection.hear("node_info");
  return { server, node, connection };
}

interface Outcome {
  readonly text: string;
  readonly seq: number;
  readonly last: Extract<NodeFrames["exec_chunk"], { more: false }>;
}

/** Hears a call to its end. */
async function outcomeOf(connection: FakeConnection): Promise<Outcome> {
  let text = "";
  for (;;) {
    const chunk = await connection.hear("exec_chunk");
    text += chunk.data.toString();
    if (!chunk.more) return { text, seq: chunk.seq, last: chunk };
  }
}

test("a server that says bye during a call gets its result, and then the close", async () => {
  const { connection } = await running();
  connection.say({ type: "exec", id: CALL, command: "sleep 1; echo done" });
  connection.say({ type: "bye", reason: "server_shutdown", drain_ms: 10_000 });
  expect(await outcomeOf(connection)).toMatchObject({ text: "done\n", last: { status: "ok" } });
  expect(await connection.closed).toMatchObject({ code: 1000 });
});

test("a node that is stopped during a call delivers its result, and then ends", async () => {
  const { node, connection } = await running();
  connection.say({ type: "exec", id: CALL, command: "echo begun; sleep 1; echo done" });
  const { data } = await connection.hear("exec_chunk");
  node.child.kill("SIGTERM");
  await connection.hear("bye");
  const { text, last } = await outcomeOf(connection);
  expect(data.toString() + text).toBe("begun\ndone\n");
  expect(last).toMatchObject({ status: "ok", exit_code: 0 });
  expect(await connection.closed).toMatchObject({ code: 1000 });
  expect(await node.exit).toEqual({ code: 0, signal: null });
});

test("a call that does not end is killed within the ten seconds that a stop may take, and told", async () => {
  const { node, connection } = await running();
  connection.say({
    type: "exec",
    id: CALL,
    command: "echo $$; trap '' TERM; sleep 999 & sleep 999",
  });
  const shell = Number((await connection.hear("exec_chunk")).data.toString());
  node.child.kill("SIGTERM");
  await connection.hear("bye");
  expect((await outcomeOf(connection)).last.status).toBe("canceled");
  // A stop that takes longer ends with 1.
  expect(await node.exit).toEqual({ code: 0, signal: null });
  await vi.waitFor(() => expect(() => process.kill(shell, 0)).toThrow("ESRCH"));
});

test("output that was under way when the link broke comes once, all of it", async () => {
  const { server, connection } = await running();
  const folder = mkdtempSync(join(tmpdir(), "yard-node-calls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const until = (name: string) => `while [ ! -e ${folder}/${name} ]; do sleep 0.01; done`;
  const command = `echo 1; ${until("cut")}; seq 2 4; touch ${folder}/printed; ${until("resumed")}; seq 5 8`;
  connection.say({ type: "exec", id: CALL, command });
  const first = await connection.hear("exec_chunk");
  connection.socket.terminate();
  writeFileSync(join(folder, "cut"), "");
  await vi.waitFor(() => expect(existsSync(join(folder, "printed"))).toBe(true));
  const next = await server.connection();
  await next.login({ sessionId: "s-2", resumeToken: "rt-2" });
  await next.hear("node_info");
  expect(await next.hear("resume")).toMatchObject({
    resume_token: "rt-1",
    calls: [{ id: CALL, state: "running" }],
  });
  writeFileSync(join(folder, "resumed"), "");
  next.say({ type: "resume_ok", calls: [{ id: CALL, action: "continue", from_seq: first.seq }] });
  const { text, last } = await outcomeOf(next);
  expect(first.data.toString() + text).toBe("1\n2\n3\n4\n5\n6\n7\n8\n");
  expect(last).toMatchObject({ status: "ok", exit_code: 0 });
});
