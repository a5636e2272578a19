import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { aRun, RUN_ID } from "../testing/wire-records.ts";
import { startWireServer } from "../testing/wire-server.ts";

const RETRY_ID = "0197a1b2-0000-7000-8000-0000000000f1";

test("retry tries one run again, from the step that was asked for", async () => {
  const server = await startWireServer({
    [`POST /v1/runs/${RUN_ID}/retry`]: {
      status: 202,
      json: aRun({ id: RETRY_ID, retry_of: RUN_ID }),
    },
    [`GET /v1/runs/${RUN_ID}`]: { json: aRun() },
  });
  const called = await callYard(["retry", RUN_ID, "--from", "build"], { env: server.env });
  expect(called).toMatchObject({ exitCode: 0 });
  expect(called.stdout).toContain(RETRY_ID);
  expect(called.stdout).not.toContain("does not hear of it");
  expect(server.requests[0]?.body).toEqual({ from: "build" });
});

test("retry of a run that is a step of another says that its parent does not hear of it", async () => {
  const parent = "0197a1b2-0000-7000-8000-0000000000f2";
  const server = await startWireServer({
    [`POST /v1/runs/${RUN_ID}/retry`]: {
      status: 202,
      json: aRun({ id: RETRY_ID, retry_of: RUN_ID }),
    },
    [`GET /v1/runs/${RUN_ID}`]: { json: aRun({ parent_id: parent }) },
  });
  const called = await callYard(["retry", RUN_ID], { env: server.env });
  expect(called.stdout).toContain(`run ${parent}, whose step ${RUN_ID} is, does not hear of it`);
  expect(called.stdout).toContain(`yard retry ${parent}`);
});

test("retry of a run that succeeded says that nothing is done again, and what would do it", async () => {
  const server = await startWireServer({
    [`POST /v1/runs/${RUN_ID}/retry`]: { status: 202, json: aRun({ id: RETRY_ID }) },
    [`GET /v1/runs/${RUN_ID}`]: { json: aRun({ status: "success" }) },
  });
  const said = async (...words: string[]) =>
    (await callYard(["retry", RUN_ID, ...words], { env: server.env })).stdout;
  expect(await said()).toContain("Nothing had made it fail");
  expect(await said("--from-start")).not.toContain("Nothing had made it fail");
});

test("retry tells of the new run also where the token may not read the old one", async () => {
  const server = await startWireServer({
    [`POST /v1/runs/${RUN_ID}/retry`]: { status: 202, json: aRun({ id: RETRY_ID }) },
    [`GET /v1/runs/${RUN_ID}`]: { status: 403, json: { code: "forbidden", title: "Forbidden" } },
  });
  const called = await callYard(["retry", RUN_ID], { env: server.env });
  expect(called).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(RETRY_ID) });
});

test.each([
  ["success", 0],
  ["failed", 1],
  ["running", 124],
] as const)(
  "retry --wait tells how the new run stands when it is %s and exits with %i",
  async (status, code) => {
    const server = await startWireServer({
      [`POST /v1/runs/${RUN_ID}/retry`]: { status: 202, json: aRun({ id: RETRY_ID }) },
      [`GET /v1/runs/${RETRY_ID}`]: { json: aRun({ id: RETRY_ID, status }) },
      "GET /v1/stream": () => undefined,
    });
    const called = await callYard(["retry", RUN_ID, "--wait", "0.2s"], { env: server.env });
    expect(called).toMatchObject({ exitCode: code, stdout: expect.stringContaining(status) });
  },
);

test("retry --all chooses by filter and says what it would do", async () => {
  const server = await startWireServer({
    "POST /v1/runs/retry": {
      json: {
        dry_run: true,
        retried: [{ id: RUN_ID, ref: "examples.greet", retry_id: null }],
        refused: [],
        more: true,
      },
    },
  });
  const args = ["retry", "--all", "--status", "timed_out", "--since", "2h", "--dry-run"];
  const called = await callYard(args, { env: server.env });
  expect(called).toMatchObject({ exitCode: 0 });
  expect(called.stdout).toContain("1 would be tried again, 0 refused; more fit: ask again.");
  expect(server.requests[0]?.body).toMatchObject({
    all: true,
    status: "timed_out",
    dry_run: true,
    since: expect.stringMatching(/Z$/),
  });
});

test("retry of one run with --dry-run tells what would be taken over and starts nothing", async () => {
  const server = await startWireServer({
    [`POST /v1/runs/${RUN_ID}/retry`]: {
      json: {
        dry_run: true,
        id: RUN_ID,
        ref: "shop.ship",
        reused: ["fetch", "build"],
        reused_parts: [{ step: "each", reused: 999, of: 1000 }],
      },
    },
  });
  const called = await callYard(["retry", RUN_ID, "--dry-run"], { env: server.env });
  expect(called).toMatchObject({
    exitCode: 0,
    stdout: `${RUN_ID} shop.ship would be tried again.\nfetch, build, 999 of the 1000 of each would be taken over.\n`,
  });
  expect(server.requests.map(({ body }) => body)).toEqual([{ dry_run: true }]);
});

test.each([
  ["a run beside --all", [RUN_ID, "--all"], "not both"],
  ["a run beside a filter", [RUN_ID, "--status", "canceled", "--ref", "a.b"], "--status chooses"],
  ["a run beside --limit", [RUN_ID, "--limit", "1"], "--limit chooses"],
  ["--from beside --all", ["--all", "--from", "build"], "--from goes with one run"],
  ["all that ever failed", ["--all"], "Say which of all: --since 2h"],
  ["all of a status", ["--all", "--status", "canceled"], "--all --dry-run tells what there is"],
  ["--wait beside --all", ["--all", "--wait", "3"], "--wait goes with one run"],
  ["a filter without --all", ["--ref", "a.b"], "say --all"],
  ["a --limit that is no number", ["--all", "--limit", "few"], "whole number"],
])("retry refuses %s and asks the server for nothing", async (_what, args, message) => {
  const server = await startWireServer({});
  const called = await callYard(["retry", ...args], { env: server.env });
  expect(called.exitCode).toBe(2);
  expect(called.stderr).toContain(message);
  expect(server.requests).toEqual([]);
});

test("retry without a run or --all says what is missing", async () => {
  const server = await startWireServer({});
  const called = await callYard(["retry"], { env: server.env });
  expect(called.exitCode).toBe(2);
  expect(called.stderr).toContain("--all");
});

test("runs pause and resume hold a run and let it go on", async () => {
  const server = await startWireServer({
    [`POST /v1/runs/${RUN_ID}/pause`]: {
      json: aRun({ status: "waiting", reason: "paused by token:admin" }),
    },
    [`POST /v1/runs/${RUN_ID}/resume`]: { json: aRun() },
  });
  const paused = await callYard(["runs", "pause", RUN_ID], { env: server.env });
  expect(paused.stdout).toContain("paused by token:admin");
  expect(await callYard(["runs", "resume", RUN_ID], { env: server.env })).toMatchObject({
    exitCode: 0,
  });
});
