import type { TrackerVerb } from "@yardmaster/kernel";
import { mayPass } from "@yardmaster/kernel";
import type { JsonObject } from "@yardmaster/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import type { AttemptContext } from "../../runners/index.ts";
import { startTrackers, type TestTrackers } from "../trackers.fixture.ts";
import { createTrackerRunner } from "./tracker-runner.ts";

let db: TestDatabase;
let t: TestTrackers;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  await t.close();
  await db.drop();
});

async function start(kind: "gitea" | "github"): Promise<void> {
  t = await startTrackers(db.url, { forge: { kind } });
  await t.add();
  t.forge.open({ labels: ["bug"], assignees: ["ada"] });
}

const act = (verb: TrackerVerb, input: JsonObject = {}, attempt = 1) =>
  createTrackerRunner(t.door).run({ kind: "tracker", verb }, {
    ...{ attempt, idempotencyKey: "run/say", signal: new AbortController().signal },
    input: { tracker: "main", project: "mosaic/stack", number: 1, ...input },
  } as unknown as AttemptContext);

it.each(["gitea", "github"] as const)(
  "writes to an issue of %s, and again without harm",
  async (kind) => {
    await start(kind);
    for (let i = 0; i < 2; i++) {
      expect(await act("labels", { add: ["ready", "blocked"], remove: ["bug"] })).toMatchObject({
        ...{ status: "success", output: { labels: ["blocked", "ready"] } },
      });
      expect(await act("assign", { add: ["mosaic"], remove: ["ada"] })).toMatchObject({
        output: { assignees: ["mosaic"] },
      });
      expect(await act("close")).toMatchObject({ output: { state: "closed" } });
    }
    expect(await act("reopen")).toMatchObject({ output: { state: "open" } });
    expect(t.forge.issues.get(1)).toMatchObject({
      ...{ state: "open", labels: ["ready", "blocked"], assignees: ["mosaic"] },
    });
    const sha = "a".repeat(40);
    const status = { sha, state: "success", context: "yard/tests", description: "all green" };
    expect(await act("status", status)).toMatchObject({ output: { state: "success" } });
    expect(t.forge.statuses).toEqual([
      { sha, body: { state: "success", context: "yard/tests", description: "all green" } },
    ]);
  },
);

it("finds the comment of an attempt that did not live to tell, and writes no second one", async () => {
  await start("gitea");
  const first = await act("comment", { body: "Working on it." });
  expect(first).toMatchObject({ status: "success", output: { id: expect.any(Number) } });
  expect(await act("comment", { body: "Working on it." }, 2)).toMatchObject({
    output: (first as { output: JsonObject }).output,
  });
  expect(t.forge.issues.get(1)?.comments.map(({ body }) => body)).toEqual([
    expect.stringMatching(/^Working on it\.\n\n<!-- yardmaster:[0-9a-f]{24} -->$/),
  ]);
});

it.each([
  [{ status: 429, headers: { "retry-after": "9" } }, true, 9_000],
  [{ status: 403, headers: { "x-ratelimit-remaining": "0", "retry-after": "5" } }, true, 5_000],
  [{ status: 503, headers: {} }, true, undefined],
  [{ status: 403, headers: {} }, false, undefined],
  [{ status: 422, headers: {} }, false, undefined],
] as const)("tells by %j whether it is worth trying again: %s", async (said, isWorth, waitMs) => {
  await start("github");
  t.forge.fault = (_, response) => {
    response.writeHead(said.status, said.headers).end('{"message":"no"}');
    return "answered";
  };
  const result = await act("close");
  const error = result.status === "failed" ? result.error : undefined;
  expect(error).toMatchObject({ code: "http_status", message: expect.stringContaining(": no") });
  expect(mayPass(error)).toBe(isWorth);
  expect(error?.details?.["retry_after_ms"]).toBe(waitMs);
  expect(JSON.stringify(result)).not.toContain(t.forge.token);
});

it("refuses a tracker, a project or a label that it does not know, before anything is written", async () => {
  await start("gitea");
  const wrong = [
    [{ tracker: "other" }, "There is no tracker other."],
    [
      { project: "mosaic/else" },
      "The tracker main has no project mosaic/else; it has mosaic/stack.",
    ],
    [{ add: ["nope"] }, "there is no label nope in mosaic/stack: make it there first"],
  ] as const;
  for (const [input, message] of wrong)
    expect(await act("labels", input)).toMatchObject({
      ...{ status: "failed", error: { code: "invalid_input", message } },
    });
  expect(t.forge.asked.filter(({ method }) => method !== "GET")).toEqual([]);
});
