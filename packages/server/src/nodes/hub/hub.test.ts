import { expect, it } from "vitest";
import { startHub } from "./hub.fixture.ts";
import { connect, login } from "./wire-client.fixture.ts";

it("lets a base client in", async () => {
  const { hub, registry, url } = await startHub();
  const node = registry.add("lab-7");
  const client = await connect(url);
  const ok = await login(client, node);
  expect(ok).toEqual({ type: "auth_ok", session_id: node.sessionId });
  expect(hub.live("lab-7")).toMatchObject({ status: "connected", client: "base" });
  const running = hub.exec("lab-7", { command: "echo hi" }, { actor: "token:test" });
  const exec = await client.next("exec");
  client.send({ type: "exec_chunk", id: exec["id"], seq: 1, data: "aGkK", more: true });
  client.send({ type: "exec_chunk", id: exec["id"], seq: 2, data: "", more: false, status: "ok" });
  const outcome = await running;
  expect(outcome).toMatchObject({ status: "ok", exitCode: 0, flags: ["stderr_missing"] });
  expect(outcome.stdout.toString()).toBe("hi\n");
});
