import { setImmediate as turn } from "node:timers/promises";
import type { JsonObject, TrackerKind } from "@yardmaster/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { startTrackers, type TestTrackers, type TestTrackersOptions } from "../trackers.fixture.ts";

let db: TestDatabase;
let t: TestTrackers;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  await t.close();
  await db.drop();
});

const onAssign = (kind: TrackerKind) => ({
  "rules/work.yaml": [
    "rule: t.work",
    kind === "github" ? "on: github.issues" : `on: ${kind}.issue_assign`,
    `if: event.data.action == "assigned" && default(event.extensions.actor, "") != "bot"`,
    "run: core.echo",
    `with: { number: "\${{ event.data.issue.number }}" }`,
  ].join("\n"),
});

/** A tracker whose baseline is taken. */
async function watch(options: TestTrackersOptions = {}): Promise<void> {
  const kind = options.forge?.kind ?? "gitea";
  t = await startTrackers(db.url, { files: onAssign(kind), ...options });
  await t.add();
  await t.poll();
}

interface Came {
  readonly type: string;
  readonly subject: string;
  readonly extensions: JsonObject | null;
  readonly data: JsonObject;
  readonly channel: string;
  readonly verified_by: string;
}

async function events(): Promise<Came[]> {
  const { rows } = await t.database.pool.query<Came>(
    `SELECT e.type, e.subject, e.extensions, e.data, d.channel, d.verified_by
     FROM events e JOIN deliveries d ON d.id = e.delivery_id ORDER BY e.id`,
  );
  return rows;
}

const said = async () =>
  (await events()).map(({ type, data, subject }) => {
    const about = data["assignee"] ?? data["label"];
    const name = (about as JsonObject)?.["login"] ?? (about as JsonObject)?.["name"] ?? "";
    return `${type} ${String(data["action"])} ${subject.split("#")[1]} ${String(name)}`.trim();
  });

async function runs(): Promise<number> {
  const { rows } = await t.database.pool.query("SELECT FROM decisions WHERE run_id IS NOT NULL");
  return rows.length;
}

const project = async () => (await t.trackers.get("main")).polled[0];
const lists = () => t.forge.asked.filter(({ path }) => path.endsWith("/issues"));

it("tells nothing of what was there at its first sight, and since when it looks", async () => {
  t = await startTrackers(db.url, { files: onAssign("gitea") });
  t.forge.open({ assignees: ["mosaic"] });
  t.forge.open({ state: "closed" });
  await t.add();
  expect(await project()).toMatchObject({ since: null, polled_at: null });
  await t.poll();
  await t.poll();
  expect(await events()).toEqual([]);
  expect(await project()).toMatchObject({
    ...{ since: expect.any(String), problem: null, lost: 0, heard: 0 },
  });
});

it.each(["gitea", "github"] as const)(
  "brings in an assignment that no webhook of %s has told, once, as one would have, and takes it for the same when it comes after all",
  async (kind) => {
    await watch({ forge: { kind } });
    t.forge.open();
    await t.hear(1, "opened");
    t.forge.edit(1, { assignees: ["mosaic"] });
    await t.poll();
    const [, found] = await events();
    expect(found).toMatchObject({
      type: kind === "github" ? "github.issues" : "gitea.issue_assign",
      ...{ subject: "mosaic/stack#1", channel: "tracker", verified_by: "tracker:main" },
      extensions: { foundby: "polling" },
      data: {
        ...{ action: "assigned", issue: { number: 1, assignees: [{ login: "mosaic" }] } },
        ...{ repository: { id: t.forge.repositoryId, full_name: "mosaic/stack" } },
      },
    });
    expect(await runs()).toBe(1);
    await t.poll();
    expect([(await events()).length, await runs()]).toEqual([2, 1]);
    expect(await project()).toMatchObject({ lost: 1, delayed: 0 });
    expect(t.noted).toContain("lost 1");

    await t.hear(1, "assigned", kind === "github" ? { assignee: { login: "mosaic" } } : {});
    expect([(await events()).length, await runs()]).toEqual([2, 1]);
    expect(await project()).toMatchObject({ lost: 0, delayed: 1 });
    const { rows } = await t.database.pool.query(
      "SELECT FROM deliveries WHERE duplicate_of IS NOT NULL",
    );
    expect(rows).toHaveLength(1);
  },
);

it("takes a late webhook for what was found also where more had changed by then", async () => {
  await watch();
  const { updatedAtMs } = t.forge.open();
  await t.hear(1, "opened");
  t.forge.edit(1, { assignees: ["mosaic"], updatedAtMs: updatedAtMs + 1_000 });
  const late = t.forge.webhook(1, "assigned");
  t.forge.edit(1, { labels: ["bug"], updatedAtMs: updatedAtMs + 2_000 });
  t.ahead.ms = 10_000;
  await t.poll();
  expect(await said()).toEqual([
    ...[
      "gitea.issues opened 1",
      "gitea.issue_label label_updated 1",
      "gitea.issue_assign assigned 1",
    ],
  ]);
  await t.inbox.receive({ source: "gitea", ...late });
  expect([(await events()).length, await runs()]).toEqual([3, 1]);
  // What happens afterwards is another fact.
  t.forge.edit(1, { assignees: [], updatedAtMs: updatedAtMs + 3_000 });
  t.forge.edit(1, { assignees: ["mosaic"], updatedAtMs: updatedAtMs + 4_000 });
  await t.hear(1, "assigned");
  expect(await runs()).toBe(2);
});

it("brings in nothing that a webhook has told", async () => {
  await watch();
  t.forge.open({ title: "One", assignees: ["mosaic"] });
  await t.hear(1, "opened");
  await t.hear(1, "assigned");
  await t.poll();
  t.forge.edit(1, { title: "Two", state: "closed" });
  await t.hear(1, "edited");
  await t.hear(1, "closed");
  await t.poll();
  expect(await said()).toHaveLength(4);
  expect(await project()).toMatchObject({ lost: 0, heard: 4 });
});

it("tells by what has changed which events Gitea would have sent", async () => {
  t = await startTrackers(db.url);
  t.forge.open({ title: "One", labels: ["bug"], assignees: ["ada"] });
  t.forge.open();
  t.forge.open({ state: "closed" });
  await t.add();
  await t.poll();
  t.forge.edit(1, { title: "Uno", body: "more", labels: [], assignees: ["mosaic"] });
  t.forge.edit(2, { state: "closed" });
  t.forge.edit(3, { state: "open" });
  t.forge.open({ assignees: ["mosaic"], labels: ["ready"] });
  t.forge.open({ state: "closed" });
  await t.poll();
  expect((await said()).sort()).toEqual(
    [
      ...["gitea.issues edited 1", "gitea.issue_label label_cleared 1"],
      ...["gitea.issue_assign unassigned 1", "gitea.issue_assign assigned 1"],
      ...["gitea.issues closed 2", "gitea.issues reopened 3", "gitea.issues opened 4"],
      ...["gitea.issue_label label_updated 4", "gitea.issue_assign assigned 4"],
      "gitea.issues closed 5",
    ].sort(),
  );
  const edited = (await events()).find(({ data }) => data["action"] === "edited");
  expect(edited?.data).toMatchObject({ changes: { title: { from: "One" }, body: {} }, number: 1 });
});

it("tells GitHub's events one by one, each with what it is about", async () => {
  t = await startTrackers(db.url, { forge: { kind: "github" } });
  t.forge.open({ labels: ["bug"], assignees: ["ada"] });
  await t.add();
  await t.poll();
  t.forge.edit(1, { labels: ["blocked", "ready"], assignees: ["eve", "mosaic"], state: "closed" });
  t.forge.open({ isPull: true, assignees: ["mosaic"] });
  await t.poll();
  expect(await said()).toEqual([
    ...["github.issues unlabeled 1 bug", "github.issues labeled 1 blocked"],
    ...["github.issues labeled 1 ready", "github.issues unassigned 1 ada"],
    ...[
      "github.issues assigned 1 eve",
      "github.issues assigned 1 mosaic",
      "github.issues closed 1",
    ],
  ]);
});

it("leaves alone what is younger than the grace, and looks again when it is not", async () => {
  await watch({ graceMs: 60_000 });
  t.forge.open({ assignees: ["mosaic"] });
  await t.poll();
  expect(await events()).toEqual([]);
  const { next_poll_at, polled_at } = await t.trackers.get("main");
  expect(Date.parse(next_poll_at ?? "") - Date.parse(polled_at ?? "")).toBe(60_000);
  t.ahead.ms = 62_000;
  await t.poll();
  expect(await said()).toEqual(["gitea.issues opened 1", "gitea.issue_assign assigned 1"]);
});

it("reads lists by pages, counts what is no issue, and leaves pull requests out", async () => {
  await watch();
  t.forge.pageSize = 2;
  for (let i = 0; i < 5; i++) t.forge.open();
  t.forge.extraItems = ["nothing", { number: "x" }];
  t.forge.asked.length = 0;
  await t.poll();
  expect(lists().map(({ query }) => query.get("page"))).toEqual(["1", "2", "3", "4"]);
  expect(await said()).toHaveLength(5);
  expect(await project()).toMatchObject({ malformed: 2, problem: null });
});

it("concludes nothing from a list that breaks off, and tells it all when it can be read again", async () => {
  await watch();
  const { since } = (await project()) ?? {};
  t.forge.pageSize = 2;
  for (let i = 0; i < 3; i++) t.forge.open();
  const breaks = [
    (page: string) => page === "2" && { status: 500, body: '{"message":"out of order"}' },
    () => ({ status: 200, body: '{"message":"no list"}' }),
    () => ({ status: 200, body: '[{"number":' }),
    () => ({ status: 401, body: "{}" }),
    () => ({ status: 403, body: '{"message":"token does not have scope"}' }),
    () => ({ status: 404, body: "{}" }),
  ];
  for (const answer of breaks) {
    t.forge.fault = ({ query, path }, response) => {
      const said = path.endsWith("/issues") && answer(query.get("page") ?? "");
      if (!said) return undefined;
      response.writeHead(said.status).end(said.body);
      return "answered";
    };
    await t.poll();
    expect(await events()).toEqual([]);
    expect((await project())?.problem).toMatch(/was answered|list/);
  }
  expect(t.noted.filter((one) => one.endsWith("unknown"))).toHaveLength(breaks.length);
  t.forge.fault = undefined;
  await t.poll();
  expect(await said()).toHaveLength(3);
  expect(await project()).toMatchObject({ problem: null, since });
});

it("ends a list that leads back to a page that it has read, or to another server", async () => {
  await watch();
  t.forge.open();
  for (const [next, why] of [
    [`${t.forge.url}/repos/mosaic/stack/issues?page=2`, "leads back to a page"],
    ["http://127.0.0.9:1/steal", "which is another server"],
  ] as const) {
    t.forge.fault = ({ path }, response) => {
      if (!path.endsWith("/issues")) return undefined;
      response.writeHead(200, { link: `<${next}>; rel="next"` }).end("[]");
      return "answered";
    };
    await t.poll();
    expect((await project())?.problem).toContain(why);
  }
});

it("asks only for what is new once nothing has changed, and takes 304 for that", async () => {
  await watch();
  await t.poll();
  t.forge.asked.length = 0;
  await t.poll();
  expect(lists().map(({ headers }) => headers["if-none-match"])).toEqual([expect.any(String)]);
  expect(await project()).toMatchObject({ problem: null });
  t.forge.open();
  await t.poll();
  expect(await said()).toEqual(["gitea.issues opened 1"]);
});

it.each([
  [429, { "retry-after": "120" }, 120_000],
  [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "in 600 s" }, 600_000],
] as const)(
  "leaves a tracker alone that says %i, for as long as it says",
  async (status, given, waitMs) => {
    await watch({ forge: { kind: "github" } });
    t.forge.fault = (_, response) => {
      const reset = String(Math.floor(Date.now() / 1_000) + 600);
      const headers =
        "x-ratelimit-reset" in given ? { ...given, "x-ratelimit-reset": reset } : given;
      response.writeHead(status, headers).end("{}");
      return "answered";
    };
    await t.poll();
    const { next_poll_at, polled_at } = await t.trackers.get("main");
    const againMs = Date.parse(next_poll_at ?? "") - Date.parse(polled_at ?? "");
    expect(Math.abs(againMs - waitMs)).toBeLessThan(5_000);
  },
);

it("leaves the last tenth of what a token may ask to others, until that is counted anew", async () => {
  await watch({ forge: { kind: "github" } });
  t.forge.fault = (_, response) => {
    response.setHeader("x-ratelimit-limit", "5000");
    response.setHeader("x-ratelimit-remaining", "499");
    response.setHeader("x-ratelimit-reset", String(Math.floor(Date.now() / 1_000) + 600));
    return undefined;
  };
  t.forge.open();
  t.forge.asked.length = 0;
  await t.poll();
  expect(t.forge.asked).toHaveLength(1);
  expect((await project())?.problem).toContain("the rest is left to others");
  const { next_poll_at } = await t.trackers.get("main");
  expect(Date.parse(next_poll_at ?? "") - Date.now()).toBeGreaterThan(590_000);
});

it("brings a change in once where two processes have polled for it, and refuses the watermark of the one that was too slow", async () => {
  await watch();
  t.forge.open();
  await t.hear(1, "opened");
  t.forge.edit(1, { assignees: ["mosaic"] });
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isAsked = (): void => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  t.forge.fault = ({ path }, response) => {
    if (path !== "/repos/mosaic/stack") return undefined;
    t.forge.fault = undefined;
    isAsked();
    void held.then(() => {
      const repository = { id: t.forge.repositoryId, full_name: t.forge.project };
      response.writeHead(200).end(JSON.stringify(repository));
    });
    return "answered";
  };
  const slow = t.poll();
  await asked;
  // As if the first had been silent for longer than its claim.
  await t.database.pool.query("UPDATE trackers SET claimed_until = now() - interval '1 second'");
  await t.polling.runOnce();
  expect(await runs()).toBe(1);
  const { polled_at } = await t.trackers.get("main");
  letGo();
  await slow;
  await turn();
  expect([(await events()).length, await runs()]).toEqual([2, 1]);
  expect((await t.trackers.get("main")).polled_at).toBe(polled_at);
});

it("marks what the bot itself has done, so that rules can tell", async () => {
  await watch();
  t.forge.open({ assignees: ["mosaic"] });
  await t.hear(1, "assigned", { sender: { id: 7, login: "Mosaic" } });
  const [own] = await events();
  expect(own?.extensions).toEqual({ actor: "bot" });
  expect(await runs()).toBe(0);
  t.forge.open({ assignees: ["mosaic"] });
  await t.hear(2, "assigned");
  expect(await runs()).toBe(1);
});

it("does not ask a paused tracker, and asks a changed one anew", async () => {
  await watch();
  await t.trackers.pause("main", "token:ada");
  await expect(t.trackers.poll("main")).rejects.toThrow("yard trackers resume main");
  t.forge.asked.length = 0;
  await t.polling.runOnce();
  expect(t.forge.asked).toEqual([]);
  expect(await t.trackers.get("main")).toMatchObject({ next_poll_at: null });
  await t.trackers.resume("main", "token:ada");
  await t.polling.runOnce();
  expect(lists()).toHaveLength(1);
});

it("begins anew where another repository has taken the name", async () => {
  await watch();
  t.forge.open({ assignees: ["mosaic"] });
  t.forge.fault = ({ path }, response) => {
    if (path !== "/repos/mosaic/stack") return undefined;
    response.writeHead(200).end(JSON.stringify({ id: 1, full_name: "mosaic/stack" }));
    return "answered";
  };
  await t.poll();
  await t.poll();
  expect(await events()).toEqual([]);
});
