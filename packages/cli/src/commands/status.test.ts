import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

const session = (pid: number, version: string | null) => ({
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  host: "here",
  pid,
  roles: ["worker"],
  version,
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-01-01T01:00:00.000Z",
  leased: 0,
  resting: null,
});
const STATUS = {
  version: "1.2.3",
  started_at: "2026-01-01T00:00:00.000Z",
  roles: ["api", "worker"],
  database: { mode: "embedded", version: "18.4", place: "/data" },
  sessions: [session(7, "1.2.3"), session(8, null)],
  queues: [
    { queue: "", ready: 1, delayed: 0, leased: 2 },
    { queue: "deploy", ready: 3, delayed: 0, leased: 1 },
  ],
};
const QUEUE = { name: "deploy", status: "full", concurrency: 1 };
const CHECKS = [
  { check: "packs", status: "ok", summary: "fine", advice: null },
  { check: "sources", status: "warn", summary: "source forge has no secret", advice: "give it" },
];
const SERVED = {
  "GET /v1/status": { json: STATUS },
  "GET /v1/queues": { json: [QUEUE] },
  "GET /v1/doctor": { json: { checked_at: "2026-01-01T01:00:00.000Z", checks: CHECKS } },
};

test("shows the server, its queues with their limits, and what the doctor would say", async () => {
  const { env } = await startWireServer(SERVED);
  const { stdout } = await callYard(["status"], { env });
  expect(stdout).toMatch(/^Yardmaster 1\.2\.3, started 1 h ago\n/);
  expect(stdout).toMatch(/ here +7 +worker +1\.2\.3 +0 /);
  expect(stdout).toMatch(/ here +8 +worker +older +0 /);
  expect(stdout).toMatch(/\ndeploy +full +3 +0 +1 +1\n/);
  expect(stdout).toMatch(/\n\(none\) +moving +1 +0 +2\n/);
  expect(stdout).toMatch(/\n! source forge has no secret\nWhat to do: yard doctor\n$/);
  const json = JSON.parse((await callYard(["status", "--json"], { env })).stdout);
  expect(json).toEqual({ ...STATUS, problems: [CHECKS[1]] });
});

test("shows what the token allows to see", async () => {
  const no = wireProblem(403, "forbidden", "The token lacks the scope queues:read");
  const { env } = await startWireServer({ ...SERVED, "GET /v1/queues": no });
  const { stdout, exitCode } = await callYard(["status"], { env });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/\ndeploy +moving +3/);
});
