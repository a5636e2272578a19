import { expect, test } from "vitest";
import { createClient } from "../client.ts";
import { sendJson, serve } from "../testing/serve.ts";

/** A server that answers all alike; what it was asked, with the bodies and versions. */
async function setup(answer: unknown) {
  const asked: unknown[] = [];
  const url = await serve(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const match = request.headers["if-match"];
    asked.push([
      `${request.method} ${request.url}`,
      body === "" ? undefined : JSON.parse(body),
      match,
    ]);
    sendJson(response, answer);
  });
  return { asked, tasks: createClient({ url }).tasks };
}

test("lists tasks and their runs", async () => {
  const { asked, tasks } = await setup([{ id: "a" }]);
  for await (const { id } of tasks.list({ status: "active" })) expect(id).toBe("a");
  for await (const { id } of tasks.runs("p/t")) expect(id).toBe("a");
  expect(asked).toEqual([
    ["GET /v1/tasks?status=active&limit=200", undefined, undefined],
    ["GET /v1/tasks/p%2Ft/runs?limit=200", undefined, undefined],
  ]);
});

test("makes, changes and removes tasks, with the version that is to be changed", async () => {
  const { asked, tasks } = await setup({});
  const said = { title: "x", schedule_kind: "manual", payload: { workflow: "core.noop" } } as const;
  await tasks.create(said);
  await tasks.change("t", { title: "y" }, { version: 3 });
  await tasks.replace("t", said);
  await tasks.remove("t");
  await tasks.previewOf(said, { count: 2 });
  await tasks.preview("t", { at: "2026-01-01T00:00:00Z" });
  expect(asked).toEqual([
    ["POST /v1/tasks", said, undefined],
    ["PATCH /v1/tasks/t", { title: "y" }, '"3"'],
    ["PUT /v1/tasks/t", said, undefined],
    ["DELETE /v1/tasks/t", undefined, undefined],
    ["POST /v1/tasks/preview?count=2", said, undefined],
    ["GET /v1/tasks/t/preview?at=2026-01-01T00%3A00%3A00Z", undefined, undefined],
  ]);
});

test("says each verb to the task", async () => {
  const { asked, tasks } = await setup({});
  await tasks.runNow("t", { reason: "r" });
  await tasks.snooze("t", { delay_seconds: 5 });
  await tasks.pause("t");
  await tasks.resume("t");
  await tasks.cancel("t", { running: "abort" });
  await tasks.explain("t");
  expect(asked).toEqual([
    ["POST /v1/tasks/t/run_now", { reason: "r" }, undefined],
    ["POST /v1/tasks/t/snooze", { delay_seconds: 5 }, undefined],
    ["POST /v1/tasks/t/pause", {}, undefined],
    ["POST /v1/tasks/t/resume", undefined, undefined],
    ["POST /v1/tasks/t/cancel", { running: "abort" }, undefined],
    ["GET /v1/tasks/t/explain", undefined, undefined],
  ]);
});
