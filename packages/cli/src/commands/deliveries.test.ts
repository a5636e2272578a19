import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { startWireServer } from "../testing/wire-server.ts";

test("lists deliveries from which no event could be made, and why", async () => {
  const delivery = {
    ...{ id: "d1", channel: "webhook", source: "forge", received_at: "2026-01-01T00:58:00.000Z" },
    ...{ sender_id: null, content_type: "text/plain", body_bytes: 5, verified_by: "current" },
    ...{ event_id: null, duplicate_of: null, problem: "it is not JSON" },
  };
  const { env, requests } = await startWireServer({ "GET /v1/deliveries": { json: [delivery] } });
  const call = ["deliveries", "--problems", "--source", "forge"];
  expect((await callYard(call, { env })).stdout).toMatch(
    /d1 +forge +2 min ago +5 +it is not JSON\n/,
  );
  expect(requests[0]?.path).toBe("/v1/deliveries?source=forge&problem=true&limit=50");
  await callYard(["deliveries", "--since", "1m", "--until", "2026-01-01T00:59:30Z"], { env });
  expect(requests[1]?.path).toBe(
    "/v1/deliveries?since=2026-01-01T00%3A59%3A00.000Z&until=2026-01-01T00%3A59%3A30.000Z&limit=50",
  );
});

test("says that there is no source of the name whose deliveries were asked for", async () => {
  const { env } = await startWireServer({
    "GET /v1/deliveries": { json: [] },
    "GET /v1/sources": { json: [{ name: "forge" }] },
  });
  expect(await callYard(["deliveries", "--source", "forgo"], { env })).toMatchObject({
    exitCode: 0,
    stdout: "No deliveries.\n",
    stderr: "yard: there is no source forgo now; did you mean forge?\n",
  });
});
