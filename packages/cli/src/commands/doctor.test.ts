import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

const OK: Check = { check: "packs", status: "ok", summary: "2 packs active", advice: null };
const WARN: Check = { check: "queues", status: "warn", summary: "held", advice: "look" };
const BAD: Check = { check: "workers", status: "bad", summary: "none", advice: "start one" };

function checkup(checks: readonly Check[], checked_at = "2026-01-01T01:00:00.100Z") {
  return startWireServer({ "GET /v1/doctor": { json: { checked_at, checks } } });
}

test("shows each check with what to do, and exits with 1 only when something is bad", async () => {
  const { env } = await checkup([OK, WARN]);
  const fine = await callYard(["doctor"], { env });
  expect(fine.exitCode).toBe(0);
  expect(fine.stdout).toMatch(/✓ ok {4}packs +2 packs active\n! warn {2}queues +held\n +look\n/);
  expect(fine.stdout).toMatch(/\n3 ok, 1 warn, 0 bad\n$/);
  const sick = await checkup([OK, BAD]);
  expect(await callYard(["doctor"], { env: sick.env })).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/✗ bad {3}workers +none\n +start one\n/),
  });
});

test("tells each check as a line of JSON", async () => {
  const { env } = await checkup([BAD]);
  const { stdout, exitCode } = await callYard(["doctor", "--json"], { env });
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toEqual(BAD);
  expect(lines[0]).toMatchObject({ check: "server", status: "ok" });
  expect(exitCode).toBe(1);
});

test("sees when the server's clock is off", async () => {
  const { env } = await checkup([], "2026-01-01T01:01:00.000Z");
  const { stdout } = await callYard(["doctor"], { env });
  expect(stdout).toMatch(/! warn {2}server\.clock +its clock is 60 s ahead of ours/);
});

test("says what is missing when the token does not allow it", async () => {
  const { env } = await startWireServer({
    "GET /v1/doctor": wireProblem(403, "forbidden", "The token lacks the scope status:read"),
  });
  expect(await callYard(["doctor"], { env })).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining("lacks the scope status:read"),
  });
});

test("says of a token that is refused where it came from", async () => {
  const { env } = await startWireServer({
    "GET /v1/doctor": wireProblem(401, "unauthorized", "The token is not valid"),
  });
  const { stdout } = await callYard(["doctor"], { env });
  expect(stdout).toMatch(/✗ bad {3}server +http:\S+ does not take the token in YARD_TOKEN: /);
});

test("says of a server that answers that it cannot now, and not to start one", async () => {
  const { env } = await startWireServer({
    "GET /v1/doctor": wireProblem(503, "unavailable", "PostgreSQL is out of reach at the moment"),
  });
  const { stdout } = await callYard(["doctor"], { env });
  expect(stdout).toMatch(/✗ bad {3}server +PostgreSQL is out of reach.*\n +it is there, and lacks/);
  expect(stdout).not.toContain("yard start");
});

test("says that no server runs, and looks at the rest itself", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "yard-doctor-"));
  const { PATH } = process.env;
  const call = await callYard(["doctor", "--json"], { cwd, env: { PATH, YARD_PORT: "0" } });
  const checks = call.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Check);
  expect(call.exitCode).toBe(1);
  expect(checks[0]).toMatchObject({ check: "server", status: "bad", advice: "yard start" });
  // Unbuilt, the server's program is what is missing.
  expect(checks.length).toBeGreaterThan(1);
});
