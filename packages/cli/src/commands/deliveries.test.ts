import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { startWireServer } from "../testing/wire-server.ts";

const delivery = {
  ...{ id: "d1", channel: "webhook", source: "forge", received_at: "2026-01-01T00:58:00.000Z" },
  ...{ sender_id: null, content_type: "text/plain", body_bytes: 5, verified_by: "current" },
  ...{ event_id: null, duplicate_of: null, problem: "it is not JSON" },
};

test("lists deliveries from which no event could be made, and why", async () => {
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

test("shows a delivery as it arrived, and how much of its body is left out", async () => {
  const shown = {
    ...delivery,
    ...{ duplicate_of: null, event: null, problem: "no event name", duplicates: ["d2"] },
    headers: { "content-type": "application/json", "x-token": "(not shown)" },
    body: { encoding: "text", value: '{"a":\n1', cut: true },
  };
  const { env, requests } = await startWireServer({
    [`GET /v1/deliveries/${delivery.id}`]: { json: shown },
  });
  const argv = ["deliveries", "show", delivery.id, "--body-limit", "7"];
  const { exitCode, stdout } = await callYard(argv, { env });
  expect(exitCode).toBe(0);
  expect(requests[0]?.path).toBe(`/v1/deliveries/${delivery.id}?body_limit=7`);
  for (const line of [
    "problem     no event name",
    "repeated by d2",
    "x-token: (not shown)",
    '{"a":',
  ])
    expect(stdout).toContain(`${line}\n`);
  expect(stdout).toContain(`(cut: it has ${delivery.body_bytes} bytes;`);
});
