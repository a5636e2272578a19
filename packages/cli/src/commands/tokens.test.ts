import type { Token } from "@yardmaster/protocol";
import { SCOPES } from "@yardmaster/protocol/core";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { startWireServer } from "../testing/wire-server.ts";

const TOKEN: Token = {
  id: "0197a1b2-0000-7000-8000-00000000000a",
  name: "ci",
  scopes: ["runs:read", "runs:write"],
  created_by: "token:admin",
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-01-31T01:00:00.000Z",
  last_used_at: "2026-01-01T00:58:00.000Z",
};

test("creates a token with its scopes, however they are written, and its time", async () => {
  const { env, requests } = await startWireServer({
    "POST /v1/tokens": { status: 201, json: { ...TOKEN, token: "yard_x" } },
  });
  const scopes = ["--scope", "runs:read,runs:write", "events:write", "--scope", "queues:read"];
  const call = await callYard(["tokens", "create", "ci", ...scopes, "--expires", "30d"], { env });
  expect(call).toMatchObject({
    exitCode: 0,
    stdout: "yard_x\nIt expires at 2026-01-31T01:00:00.000Z.\n",
  });
  expect(requests[0]?.body).toEqual({
    name: "ci",
    scopes: ["runs:read", "runs:write", "events:write", "queues:read"],
    expires_in: "30d",
  });
  expect(await callYard(["tokens", "create", "ci"], { env })).toMatchObject({ exitCode: 2 });
});

test("lists tokens with their last use and their end", async () => {
  const never = { ...TOKEN, expires_at: null, last_used_at: null };
  const past = { ...TOKEN, expires_at: "2026-01-01T00:59:59.000Z" };
  const { env } = await startWireServer({ "GET /v1/tokens": { json: [TOKEN, never, past] } });
  const { stdout } = await callYard(["tokens"], { env });
  const ends = stdout
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(/ {2,}/).slice(-2));
  expect(ends).toEqual([
    ["2 min ago", "in 30 d"],
    ["never", "never"],
    ["2 min ago", "expired"],
  ]);
});

test("revokes a token", async () => {
  const { env, requests } = await startWireServer({
    [`DELETE /v1/tokens/${TOKEN.id}`]: { json: null },
  });
  expect(await callYard(["tokens", "revoke", TOKEN.id], { env })).toMatchObject({
    exitCode: 0,
    stdout: `Revoked ${TOKEN.id}.\n`,
  });
  expect(requests).toHaveLength(1);
});

test("revokes a token by its name, and names the nearest for one that there is not", async () => {
  const { env, requests } = await startWireServer({
    "GET /v1/tokens": { json: [TOKEN] },
    [`DELETE /v1/tokens/${TOKEN.id}`]: { json: null },
  });
  expect(await callYard(["tokens", "revoke", "ci"], { env })).toMatchObject({
    exitCode: 0,
    stdout: `Revoked ${TOKEN.id}.\n`,
  });
  const wrong = await callYard(["tokens", "revoke", "cj"], { env });
  expect(wrong).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("did you mean ci?") });
  expect(requests.map(({ method }) => method)).toEqual(["GET", "DELETE", "GET"]);
});

test("explains every scope in the help", async () => {
  const { stdout } = await callYard(["tokens", "create", "--help"]);
  for (const scope of SCOPES) expect(stdout).toContain(scope);
});
