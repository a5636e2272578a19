import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { anEvent, aRun, EVENT_ID, RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, type WireRequest, type WireRoute } from "../testing/wire-server.ts";

const OTHER_RUN = "0197a1b2-0000-7000-8000-aaaaaaaaaaaa";

/** Runs and events that are found by parts of their ids, as the API does. */
async function startWith(
  runs: readonly string[],
  events: readonly string[],
  more: Readonly<Record<string, WireRoute>> = {},
) {
  const named = ({ path }: WireRequest, ids: readonly string[]): string[] => {
    const query = new URL(path, "http://localhost").searchParams;
    const [prefix, suffix] = [query.get("id_prefix"), query.get("id_suffix")];
    return ids.filter((id) => {
      const digits = id.replaceAll("-", "");
      return digits.startsWith(prefix ?? "") && digits.endsWith(suffix ?? "");
    });
  };
  const server = await startWireServer({
    "GET /v1/runs": (request) => ({ json: named(request, runs).map((id) => aRun({ id })) }),
    "GET /v1/events": (request) => ({ json: named(request, events).map((id) => anEvent({ id })) }),
    ...Object.fromEntries(
      runs.map((id) => [`POST /v1/runs/${id}/cancel`, { json: aRun({ id, status: "canceled" }) }]),
    ),
    ...more,
  });
  return {
    ...server,
    yard: (...argv: string[]) => callYard(argv, server),
    asked: () => server.requests.map(({ method, path }) => `${method} ${path}`),
  };
}

test.each([
  ["its beginning", "0197a1b2-0000-7000-8000-0"],
  ["its end", "00000001"],
  ["its end in large letters, with a dash", "8000-000000000001".toUpperCase()],
])("a run is meant by %s", async (_, given) => {
  const { yard, asked } = await startWith([RUN_ID, OTHER_RUN], []);
  expect(await yard("cancel", given)).toMatchObject({ exitCode: 0 });
  expect(asked().at(-1)).toBe(`POST /v1/runs/${RUN_ID}/cancel`);
});

test("a whole id is taken as it is, with no further question", async () => {
  const { yard, asked } = await startWith([RUN_ID], []);
  await yard("cancel", RUN_ID);
  expect(asked()).toEqual([`POST /v1/runs/${RUN_ID}/cancel`]);
});

test("of several that may be meant none is: they are listed with what they are", async () => {
  const { yard, asked } = await startWith([RUN_ID, OTHER_RUN], []);
  const { exitCode, stderr } = await yard("cancel", "0197a1b2");
  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    `yard: "0197a1b2" may mean several: give more of the id\n` +
      `  ${RUN_ID}: examples.greet, running, 3 s ago\n` +
      `  ${OTHER_RUN}: examples.greet, running, 3 s ago\n`,
  );
  expect(asked().join()).not.toContain("cancel");
});

test("what is no part of an id is told so without a question", async () => {
  const { yard, asked } = await startWith([RUN_ID], []);
  for (const given of ["00001", "greetings", "0".repeat(40)]) {
    const { exitCode, stderr } = await yard("logs", given);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("at least 6 digits")]);
  }
  expect(asked()).toEqual([]);
});

test("a part that no run has is not found", async () => {
  const { yard } = await startWith([RUN_ID], [EVENT_ID]);
  expect(await yard("cancel", "0000e1")).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("No run has an id that begins with 0000e1"),
  });
});

test("filters take parts of ids too", async () => {
  const { yard, asked } = await startWith([RUN_ID], [EVENT_ID], {
    "GET /v1/decisions": { json: [] },
    "POST /v1/runs/retry": { json: { dry_run: true, retried: [], refused: [], more: false } },
  });
  const part = "000000e1";
  await yard("runs", "--event", part, "--parent", "00000001");
  expect(asked().at(-1)).toContain(`event=${EVENT_ID}&parent=${RUN_ID}`);
  await yard("decisions", "--event", part);
  expect(asked().at(-1)).toContain(`/v1/decisions?event=${EVENT_ID}`);
  await yard("retry", "--all", "--event", part);
  expect(asked().at(-1)).toBe("POST /v1/runs/retry");
});

test("explain looks for a name first, then for parts of the ids of runs and events at once", async () => {
  const { yard, asked } = await startWith(
    [RUN_ID],
    [EVENT_ID, "0197a1b2-0000-7000-8000-bbbb00000001"],
    {
      [`GET /v1/events/${EVENT_ID}`]: { json: anEvent() },
      [`GET /v1/events/${EVENT_ID}/explain`]: { json: { chain: ["came"], unblock: [] } },
      "GET /v1/decisions": { json: [] },
      "GET /v1/queues/decade00/explain": {
        json: { status: "idle", summary: "Nothing waits.", chain: [], unblock: [] },
      },
    },
  );
  expect((await yard("explain", "000000e1")).stdout).toContain("gitea.issue_assign");
  expect((await yard("explain", "00000001")).stderr).toMatch(
    /several.*\n.*running.*\n.*from gitea/,
  );
  const before = asked().length;
  expect((await yard("explain", "decade00")).stdout).toContain("Nothing waits.");
  expect(asked().slice(before)).toEqual(["GET /v1/queues/decade00/explain"]);
});
