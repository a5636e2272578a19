import { randomBytes } from "node:crypto";
import { type AcceptedEvent, type Decision, momentOf, uuidV7 } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SECRET, startIntake, type TestIntake, webhook } from "../../test/intake.ts";
import { testKeptAnswers } from "../../test/kept-answers.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { silentLog } from "../db/index.ts";
import { createHttp, type Http } from "../http/index.ts";
import { deliveryRoutes, sourceRoutes, webhookRoute } from "../inbox/index.ts";
import { replayRoutes, ruleRoutes, trialRoutes } from "../rules/index.ts";
import { eventRoutes } from "./index.ts";

const FILES = {
  "rules/posted.yaml": "rule: t.posted\non: com.example.*\nif: event.data.n > 1\nrun: core.noop\n",
};

let db: TestDatabase;
let t: TestIntake;
let http: Http;
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url, { files: FILES });
  const routes = [
    ...eventRoutes({ events: t.events, accept: t.inbox.acceptCloudEvent }),
    ...ruleRoutes({ rules: t.rules, events: t.events }),
    ...sourceRoutes(t.inbox.sources),
    ...deliveryRoutes(t.inbox, t.events),
    webhookRoute(t.inbox),
    ...trialRoutes({ trials: t.trials, events: t.events, now: Date.now }),
    ...replayRoutes(t.replays, () => uuidV7(Date.now(), randomBytes(10))),
  ];
  const nobody = async (): Promise<never> => {
    throw new Error("not asked here");
  };
  const principal = {
    tokenId: "01890a5d-ac96-774b-bcce-b302099a8057",
    name: "me",
    scopes: ["admin" as const],
  };
  http = createHttp({
    routes,
    authenticate: (header) =>
      header === "Bearer reader" ? { ...principal, scopes: ["events:read"] } : principal,
    keptAnswers: testKeptAnswers(db.database.pool),
    log: silentLog,
    version: "0",
    ready: nobody,
    status: nobody,
  });
});
afterAll(async () => {
  await http?.close();
  await t?.close();
  await db?.drop();
});

const call = async (
  method: "GET" | "POST" | "DELETE",
  url: string,
  payload?: string | Buffer | object,
  headers: Record<string, string> = {},
) => {
  const body =
    payload === undefined || typeof payload === "string" || Buffer.isBuffer(payload)
      ? payload
      : JSON.stringify(payload);
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await http.inject({
    method,
    url,
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body === "" ? undefined : answer.json(),
  };
};
const STRUCTURED = { "content-type": "application/cloudevents+json; charset=utf-8" };

describe("POST /v1/events", () => {
  it("keeps what was posted as a delivery, shown with its headers, its body and what came of it", async () => {
    const text =
      '{ "specversion":"1.0", "id":"shown", "source":"shown", "type":"com.x", "data":{"n": 1} }';
    const secret = { ...STRUCTURED, "x-shop-token": "t0p" };
    const { body: event } = await call("POST", "/v1/events", text, secret);
    const { body: again } = await call("POST", "/v1/events", text, secret);
    expect(again.duplicate_of).toBe(event.id);
    const [second, first] = (await call("GET", "/v1/deliveries?source=shown")).body;
    const shown = (await call("GET", `/v1/deliveries/${first.id}`)).body;
    expect(shown).toMatchObject({
      ...first,
      event: event.id,
      duplicates: [second.id],
      body: { encoding: "text", cut: false },
      headers: { ...STRUCTURED, "x-shop-token": "(not shown)" },
    });
    const repeated = await call("GET", `/v1/deliveries/${second.id}?body_limit=5`);
    expect(repeated.body).toMatchObject({
      ...{ duplicate_of: first.id, event_id: null, event: event.id, problem: null },
      body: { encoding: "text", cut: true },
    });
    expect(repeated.body.body.value).toHaveLength(5);
    const gone = await call("GET", "/v1/deliveries/01890a5d-ac96-774b-bcce-b302099a8057");
    expect(gone.body).toMatchObject({ status: 404, code: "not_found" });
    const unasked = await call("GET", `/v1/deliveries/${first.id}?body_limit=9999999`);
    expect(unasked.status).toBe(400);
  });

  it("makes an event once for an Idempotency-Key, also where the first answer was lost", async () => {
    const key = { "idempotency-key": "sold" };
    const event = { type: "com.example.keyed", source: "keyed", data: { n: 5 } };
    const send = (body: object, headers = {}) =>
      call("POST", "/v1/events", body, { ...key, ...headers });
    const first = await send([event, event]);
    expect(first.body).toMatchObject([{ duplicate_of: null }, { duplicate_of: null }]);
    expect((await send([event, event])).body).toEqual(first.body);
    await db.database.pool.query(
      "UPDATE kept_answers SET status = NULL, headers = NULL, body = NULL WHERE key = 'sold'",
    );
    const ids = first.body.map(({ id }: AcceptedEvent) => id);
    expect((await send([event, event])).body).toMatchObject(
      ids.map((id: string) => ({ id, duplicate_of: id })),
    );
    expect((await call("GET", "/v1/events?source=keyed")).body).toHaveLength(2);
    const binary = { "ce-specversion": "1.0", "ce-type": "com.example.keyed" };
    expect((await send([event, event], binary)).status).toBe(409);
  });

  it("takes a structured CloudEvent and answers what the rules said, when it is durable", async () => {
    const event = {
      specversion: "1.0",
      id: "1",
      source: "/shop",
      type: "com.example.sold",
      subject: "cart/7",
      time: "2026-01-02T03:04:05.678+01:00",
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      partitionkey: "k",
      data: { n: 2 },
    };
    const { status, body } = await call("POST", "/v1/events", event, STRUCTURED);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      type: "com.example.sold",
      duplicate_of: null,
      decisions: [{ rule: "t.posted", status: "matched" }],
    });
    const stored = await call("GET", `/v1/events/${body.id}`);
    expect(stored.body).toMatchObject({
      id: body.id,
      origin_id: "1",
      source: "/shop",
      subject: "cart/7",
      time: "2026-01-02T02:04:05.678Z",
      traceparent: event.traceparent,
      extensions: { partitionkey: "k" },
      data: { n: 2 },
      runs: [{ id: body.decisions[0].run_id, event_id: body.id }],
      decisions: body.decisions,
      delivery: { channel: "api", verified_by: "token:me", duplicates: [] },
    });
    const again = await call("POST", "/v1/events", event, STRUCTURED);
    expect(again.body).toEqual({
      id: body.id,
      type: event.type,
      duplicate_of: body.id,
      decisions: [],
    });
  });

  it("takes events posted by hand, without the formalities", async () => {
    const { status, body } = await call("POST", "/v1/events", {
      type: "com.example.hand",
      data: { n: 1 },
    });
    expect(status).toBe(200);
    expect(body.decisions).toMatchObject([{ status: "not_matched", clause: "event.data.n > 1" }]);
    expect((await call("GET", `/v1/events/${body.id}`)).body).toMatchObject({
      source: "api",
      origin_id: null,
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    });
  });

  it("takes binary mode", async () => {
    const headers = {
      "ce-specversion": "1.0",
      "ce-id": "b1",
      "ce-source": "s%C3%A9",
      "ce-type": "com.example.bin",
    };
    const { body } = await call("POST", "/v1/events", { n: 5 }, headers);
    expect((await call("GET", `/v1/events/${body.id}`)).body).toMatchObject({
      source: "sé",
      type: "com.example.bin",
      data: { n: 5 },
      extensions: null,
    });
  });

  it("takes a batch and answers each in its place", async () => {
    const batch = ["x", "y", "x"].map((id) => ({
      specversion: "1.0",
      id,
      source: "batch",
      type: "com.example.b",
      data: null,
    }));
    const { status, body } = await call("POST", "/v1/events", batch, {
      "content-type": "application/cloudevents-batch+json",
    });
    expect(status).toBe(200);
    const [x, y, repeated] = body as AcceptedEvent[];
    expect(repeated?.duplicate_of ?? x?.duplicate_of).toBe(repeated?.id);
    expect(repeated?.id).toBe(x?.id);
    expect(y?.id).not.toBe(x?.id);
  });

  it("refuses what would pass for a sensor's", async () => {
    const event = { type: "t.a", source: "/sensors/t.s", id: "1" };
    const { status, body } = await call("POST", "/v1/events", event);
    expect([status, body.errors]).toMatchObject([400, [{ path: "/source" }]]);
  });

  it.each(["yard.run.finished", "schedule.due", "yard", "Yard.x"])(
    "refuses %s: that type is our own",
    async (type) => {
      const { status, body } = await call("POST", "/v1/events", { type, source: "s", id: "1" });
      expect([status, body.code]).toEqual([403, "reserved_event_type"]);
    },
  );

  it.each<[string, unknown, number, string[]]>([
    ["a wrong specversion", { specversion: "0.3", type: "a.b" }, 400, ["/specversion"]],
    [
      "several wrong places at once",
      { type: "", id: 5, time: "yesterday", Bad: 1, nested: {} },
      400,
      ["/id", "/type", "/time", "/Bad", "/nested"],
    ],
    ["control characters", { type: "a.b", subject: "a\u0000b" }, 400, ["/subject"]],
    ["half a character", { type: "a.b", subject: "a\ud800b" }, 400, ["/subject"]],
    ["control characters in an extension", { type: "a.b", ext: "a\u0000" }, 400, ["/ext"]],
    ["no day of the calendar", { type: "a.b", time: "2026-02-30T00:00:00Z" }, 400, ["/time"]],
    ["the year 0", { type: "a.b", time: "0001-01-01T00:00:00+01:00" }, 400, ["/time"]],
    ["a year beyond 9999", { type: "a.b", time: "9999-12-31T23:59:59-01:00" }, 400, ["/time"]],
    ["a wrong event of a batch", [{ type: "a.b" }, { typ: "a.b" }], 400, ["/1/type"]],
    ["no object", "text", 400, []],
    ["control characters in its data", { type: "a.b", data: ["a\u0000"] }, 400, ["/data/0"]],
    ["half a character in its data", { type: "a.b", data: { s: "\ud800" } }, 400, ["/data/s"]],
    ["too many at once", Array.from({ length: 101 }, () => ({ type: "a.b" })), 413, []],
  ])("refuses %s and says where", async (_, payload, status, paths) => {
    const answer = await call("POST", "/v1/events", JSON.stringify(payload));
    expect(answer.status).toBe(status);
    if (paths.length > 0)
      expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual(
        expect.arrayContaining(paths),
      );
  });

  it("shows the runs of an event to those alone who may read runs", async () => {
    const event = { type: "com.example.run", source: "scoped", data: { n: 5 } };
    const { body } = await call("POST", "/v1/events", event);
    const shown = (headers = {}) => call("GET", `/v1/events/${body.id}`, undefined, headers);
    expect((await shown()).body).toMatchObject({ runs: [{ rule: "t.posted" }], more_runs: false });
    const reader = await shown({ authorization: "Bearer reader" });
    const decisions = [{ rule: "t.posted", status: "matched" }];
    expect(reader.body).toMatchObject({ decisions, runs: null, more_runs: null });
  });

  it("takes an event of binary mode that has no data, and a structured one by its content type, whatever its headers", async () => {
    const attributes = { "ce-specversion": "1.0", "ce-type": "com.example.bare", "ce-source": "b" };
    const bare = await http.inject({ method: "POST", url: "/v1/events", headers: attributes });
    expect(bare.statusCode).toBe(200);
    const event = (await call("GET", `/v1/events/${bare.json().id}`)).body;
    expect(event).toMatchObject({ type: "com.example.bare", data: null });
    const inside = { type: "com.example.inside", data: 1 };
    const structured = await call("POST", "/v1/events", inside, { ...STRUCTURED, ...attributes });
    expect(structured.body).toMatchObject({ type: "com.example.inside" });
  });

  it("says of a compressed body that none are read", async () => {
    const answer = await call("POST", "/v1/events", "{}", { "content-encoding": "gzip" });
    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  });

  it("refuses what is not JSON by its type or its text", async () => {
    expect(await call("POST", "/v1/events", "<a/>", { "content-type": "text/xml" })).toMatchObject({
      status: 415,
    });
    expect(await call("POST", "/v1/events", "{")).toMatchObject({
      status: 400,
      body: { code: "invalid_json" },
    });
  });

  it.each([
    ["a number that JSON cannot hold", '{"type":"a.b","data":\n1e400}', "2:1"],
    ["an id that would lose digits", '{"type":"a.b","data":12345678901234567890}', "1:22"],
    ["a key given twice", '[{"type":"a.b",\n"data":{"a":1,"a":1}}]', "2:15"],
    ["broken JSON", '{"type":"a.b",\n}', "2:1"],
  ])("refuses %s with line and column", async (_, text, path) => {
    const { status, body } = await call("POST", "/v1/events", text);
    expect([status, body.code, body.errors[0].path]).toEqual([400, "invalid_json", path]);
  });

  it("refuses bytes that are not UTF-8 and keys that are a trap", async () => {
    const bytes = Buffer.from('{"type":"a.b","data":"\xff"}', "latin1");
    expect((await call("POST", "/v1/events", bytes)).body.code).toBe("invalid_json");
    const trap = '{"type":"a.b","data":{"__proto__":{}}}';
    expect((await call("POST", "/v1/events", trap)).body.errors[0].path).toBe("/data");
  });
});

describe("GET /v1/events", () => {
  it("pages newest first without gap or repeat, also while events come in", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 12; i++)
      ids.push(
        (await call("POST", "/v1/events", { type: "page.test", source: "pages", data: i })).body.id,
      );
    const seen: string[] = [];
    let url: string | undefined = "/v1/events?type=page.test&source=pages&limit=5";
    while (url !== undefined) {
      const page = await call("GET", url);
      seen.push(...page.body.map((event: { id: string }) => event.id));
      await call("POST", "/v1/events", { type: "page.test", source: "pages" });
      url = /<([^>]+)>; rel="next"/.exec(String(page.headers["link"] ?? ""))?.[1];
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it("counts how each event was judged, by what every rule said last, and leaves data out when asked", async () => {
    const { body: first } = await call("POST", "/v1/events", {
      ...{ type: "com.example.counted", source: "counts", data: { n: 4 } },
    });
    const { body: second } = await call("POST", "/v1/events", {
      type: "un.heard",
      source: "counts",
    });
    await call("POST", "/v1/rules/t.posted/pause");
    await call("POST", `/v1/events/${first.id}/replay`, {});
    await call("POST", "/v1/rules/t.posted/resume");
    const none = { matched: 0, not_matched: 0, held: 0, error: 0 };
    const { body: whole } = await call("GET", "/v1/events?source=counts");
    expect(whole).toMatchObject([
      { id: second.id, judged: none },
      { id: first.id, judged: { ...none, held: 1 }, data: { n: 4 } },
    ]);
    const { body: brief } = await call("GET", "/v1/events?source=counts&payloads=false");
    expect(brief).toEqual(whole.map((event: object) => ({ ...event, data: null })));
  });

  it("refuses a foreign cursor and knows no event that is not there", async () => {
    expect(await call("GET", "/v1/events?cursor=x")).toMatchObject({
      status: 400,
      body: { code: "invalid_cursor" },
    });
    expect(await call("GET", "/v1/events/01890000-0000-7000-8000-000000000000")).toMatchObject({
      status: 404,
    });
    expect(
      await call("GET", "/v1/events/01890000-0000-7000-8000-000000000000/explain"),
    ).toMatchObject({ status: 404 });
  });
});

describe("the filters of events and decisions", () => {
  const idsOf = async (url: string): Promise<string[]> => {
    const { status, body } = await call("GET", url);
    expect([status, url]).toEqual([200, url]);
    return body.map((one: { id: string; event_id?: string }) => one.event_id ?? one.id);
  };
  const TRACE = "4bf92f3577b34da6a3ce929d0e0e4737";

  it("find by type, source, subject, time, trace, rule and outcome", async () => {
    const send = async (more: object): Promise<string> =>
      (await call("POST", "/v1/events", { source: "filtered", ...more })).body.id;
    const first = await send({ type: "com.example.one", subject: "a/1", data: { n: 2 } });
    const second = await send({
      type: "com.example.two",
      data: { n: 1 },
      traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
    });
    const third = await send({ type: "com.exampled", subject: "a/1" });
    const list = (query: string) => idsOf(`/v1/events?source=filtered&${query}`);
    expect(await list("type=com.example.*")).toEqual([second, first]);
    expect(await list("type=com.example.one")).toEqual([first]);
    for (const nothing of ["*", "com.ex*", "com.*.one"])
      expect(await call("GET", `/v1/events?type=${nothing}`)).toMatchObject({
        status: 400,
        body: { errors: [{ path: "/type", message: expect.stringContaining("such as gitea.*") }] },
      });
    expect(await list("subject=a/1")).toEqual([third, first]);
    expect(await list(`trace=${TRACE}`)).toEqual([second]);
    expect(await list(`trace=${first.replaceAll("-", "")}`)).toEqual([first]);
    expect(await list(`id_prefix=${first.slice(0, 22)}`)).toEqual([first]);
    expect(await list(`id_suffix=${first.slice(-17)}`)).toEqual([first]);
    expect(await list(`id_prefix=${first}&id_suffix=${second.slice(-8)}`)).toEqual([]);
    expect(await list("outcome=matched")).toEqual([first]);
    expect(await list("outcome=not_matched&rule=t.posted")).toEqual([second]);
    expect(await list("rule=t.posted")).toEqual([second, first]);
    expect(await list("outcome=unheard")).toEqual([third]);
    const decided = (query: string) => idsOf(`/v1/decisions?source=filtered&${query}`);
    expect(await decided("")).toEqual([second, first]);
    expect(await decided("type=com.example.two")).toEqual([second]);
    expect(await decided("subject=a/1&status=matched")).toEqual([first]);
    expect(await decided(`trace=${TRACE}`)).toEqual([second]);

    const { received_at: at } = (await call("GET", `/v1/events/${second}`)).body;
    const after = new Date(Date.parse(at) + 1).toISOString();
    expect(await list(`since=${at}&until=${after}`)).toContain(second);
    expect(await list(`until=${at}`)).not.toContain(second);
    expect(await list(`since=${after}`)).not.toContain(second);
    expect(await decided(`since=${at}&until=${after}`)).toContain(second);
    expect(await decided(`since=${after}`)).not.toContain(second);
  });

  it("end a page of events where their data comes to 8 MiB, and go on behind it", async () => {
    const event = { type: "com.example.large", source: "large", data: "x".repeat(3_000_000) };
    const batch = () => call("POST", "/v1/events", [event, event, event]);
    const answers = [await batch(), await batch()].map(({ body }) => body);
    const ids = answers
      .flat()
      .map(({ id }: AcceptedEvent) => id)
      .sort()
      .reverse();
    const first = await call("GET", "/v1/events?source=large");
    expect(first.body.map(({ id }: AcceptedEvent) => id)).toEqual(ids.slice(0, 3));
    const next = /<([^>]+)>; rel="next"/.exec(String(first.headers["link"]))?.[1];
    const second = await call("GET", String(next));
    expect(second.body.map(({ id }: AcceptedEvent) => id)).toEqual(ids.slice(3));
    expect(second.headers["link"]).toBeUndefined();
    const history = await t.events.history({ source: "large", limit: 6 });
    expect(history.map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 3));
  });

  it("look for the time that an event tells, and so does its delivery, however long what lies between them takes", async () => {
    let nowMs = Date.parse("2026-01-01T00:00:00.000Z");
    Object.defineProperty(t.clock, "nowMs", { configurable: true, get: () => (nowMs += 7) });
    const { body } = await call("POST", "/v1/events", { type: "com.example.late", source: "late" });
    Object.defineProperty(t.clock, "nowMs", { value: undefined, writable: true });
    const { body: event } = await call("GET", `/v1/events/${body.id}`);
    for (const { id, received_at } of [event, event.delivery])
      expect(Date.parse(received_at)).toBe(momentOf(id));
    expect(await idsOf(`/v1/events?source=late&since=${event.received_at}`)).toEqual([event.id]);
    expect(await idsOf(`/v1/events?source=late&until=${event.received_at}`)).toEqual([]);
  });

  it("refuse what is no time and no trace, and say where", async () => {
    const { status, body } = await call("GET", "/v1/events?since=yesterday&trace=x");
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(["/since", "/trace"]);
  });
});

describe("deliveries over HTTP", () => {
  it("are listed in pages, those that were refused by themselves and with the reason", async () => {
    await call("POST", "/v1/sources", { name: "refused", kind: "gitea", secret: SECRET });
    for (const body of ["{no", "[1]", '{"a":1}']) {
      const { headers } = webhook(body);
      await call("POST", "/webhook/refused", body, headers as Record<string, string>);
    }
    const list = (query: string) => call("GET", `/v1/deliveries?source=refused${query}`);
    const all = (await list("")).body;
    expect(all).toMatchObject([
      { problem: null, event_id: expect.any(String) },
      { problem: expect.any(String), event_id: null, body_bytes: 3 },
      { problem: expect.any(String), event_id: null },
    ]);
    expect((await list("&problem=false")).body).toEqual([all[0]]);
    const first = await list("&problem=true&limit=1");
    expect(first.body).toEqual([all[1]]);
    const rest = await list(`&problem=true&limit=1&cursor=${first.body[0].id}`);
    expect(rest.body).toEqual([all[2]]);
    expect((await list("&cursor=x")).body).toMatchObject({ code: "invalid_cursor" });
  });

  it("are listed by their time", async () => {
    const { body } = await call("POST", "/v1/events", { source: "timed", type: "a.b", data: {} });
    const { delivery } = (await call("GET", `/v1/events/${body.id}`)).body;
    const list = (query: string) => call("GET", `/v1/deliveries?source=timed&${query}`);
    const { received_at: at } = delivery;
    expect((await list(`since=${at}`)).body).toMatchObject([{ id: delivery.id }]);
    expect((await list(`until=${at}`)).body).toEqual([]);
    expect((await list("since=yesterday")).body.errors).toMatchObject([{ path: "/since" }]);
  });
});

describe("trials and replays over HTTP", () => {
  it("try a rule on an event that is stored, given, or of a time", async () => {
    const { id } = (await call("POST", "/v1/events", { type: "com.example.try", data: { n: 4 } }))
      .body;
    const test = (body: object) => call("POST", "/v1/rules/test", body);
    const matched = { rule: "t.posted", status: "matched", run: { ref: "core.noop" } };
    expect((await test({ rule: "t.posted", event_id: id })).body).toMatchObject(matched);
    const event = { type: "com.example.given", data: { n: 4 } };
    expect((await test({ rule: "t.posted", event })).body).toMatchObject(matched);
    const own = { type: "yard.run.finished", data: {} };
    expect((await test({ rule: "t.posted", event: own })).body).toMatchObject({ listens: false });
    const since = "2020-01-01T00:00:00Z";
    expect((await test({ rule: "t.posted", since, matches: 1 })).body).toMatchObject({
      matches: [expect.anything()],
      next: null,
    });
    const wrong = await test({ rule: "t.posted", event: { typ: "x" } });
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([400, "/event/type"]);
    for (const body of [{ rule: "a.b" }, { event_id: id }, { rule: "a.b", event_id: id, since }])
      expect((await test(body)).status).toBe(400);
    const passedOver = await test({ rule: "t.posted", event_id: id, until: since, matches: 1 });
    expect(passedOver.status).toBe(400);
    expect(passedOver.body.errors).toMatchObject(
      ["/until", "/matches"].map((path) => ({
        path,
        message: "goes with `since`, not with a single event",
      })),
    );
    expect((await test({ rule: "t.postd", event_id: id })).body).toMatchObject({
      code: "not_found",
      detail: expect.stringContaining("Did you mean t.posted?"),
    });
  });

  it("replay one event, once for an Idempotency-Key, and many in a batch", async () => {
    const { id } = (await call("POST", "/v1/events", { type: "com.example.re", source: "re" }))
      .body;
    const replay = (headers = {}) => call("POST", `/v1/events/${id}/replay`, {}, headers);
    const first = await replay({ "idempotency-key": "k1" });
    expect(first).toMatchObject({ status: 200, body: { replay: 1, repeated: false } });
    const again = await replay({ "idempotency-key": "k1" });
    expect(again.body).toEqual({ ...first.body, repeated: true });
    const other = await call(
      "POST",
      `/v1/events/${id}/replay`,
      { rule: "t.posted" },
      { "idempotency-key": "k1" },
    );
    expect(other).toMatchObject({ status: 409, body: { code: "idempotency_mismatch" } });
    expect((await replay()).body).toMatchObject({ replay: 2 });
    expect((await replay()).body).toMatchObject({ replay: 3 });
    const batch = uuidV7(Date.now() + 1_000, randomBytes(10));
    const many = { batch, source: "re", since: "2020-01-01T00:00:00Z" };
    expect((await call("POST", "/v1/events/replay", many)).body).toMatchObject({
      batch,
      dry_run: false,
      events: [{ event_id: id, replay: 4 }],
      unheard: 0,
      next: id,
    });
    expect((await call("POST", "/v1/events/replay", { ...many, cursor: id })).body).toMatchObject({
      events: [],
      next: null,
    });
    const endless = await call("POST", "/v1/events/replay", { batch });
    expect([endless.status, endless.body.errors[0].path]).toEqual([400, "/since"]);
  });

  it("show a rule with its text and place, and say why it did not fire", async () => {
    expect((await call("GET", "/v1/rules/t.posted")).body).toMatchObject({
      rule: "t.posted",
      status: "active",
      pack: "t",
      file: "rules/posted.yaml",
      line: 1,
      folder: expect.stringMatching(/\/packs\/t$/),
      source: FILES["rules/posted.yaml"],
      matched: { count: expect.any(Number), at_least: false, last_at: expect.any(String) },
    });
    const { body } = await call("GET", "/v1/rules/t.posted/explain");
    expect(body).toMatchObject({ rule: "t.posted", status: "active" });
    expect(body.clauses[0]).toMatchObject({ clause: "event.data.n > 1" });
    expect(body.chain.join("\n")).toMatch(/`event\.data\.n > 1` did not hold \d+ times?\./);
    expect((await call("GET", "/v1/rules/t.nope")).status).toBe(404);
  });
});

describe("the other routes of intake", () => {
  it("make, rotate and remove a source; a webhook through it is answered, explained and refused", async () => {
    expect(
      await call("POST", "/v1/sources", { name: "gitea", kind: "gitea", secret: SECRET }),
    ).toMatchObject({ status: 201, headers: { location: "/v1/sources/gitea" } });
    expect(await call("POST", "/v1/sources", { name: "gitea", kind: "gitea" })).toMatchObject({
      status: 409,
    });
    const { headers, body } = webhook({ action: "assigned", issue: { number: 161 } });
    const taken = await call("POST", "/webhook/gitea", body, headers as Record<string, string>);
    expect(taken).toMatchObject({
      status: 200,
      body: { status: "success", action: "assigned", issue_number: 161 },
    });
    const explained = await call("GET", `/v1/events/${taken.body.event}/explain`);
    expect(explained.body).toMatchObject({
      status: "unheard",
      summary: "No rule listens on gitea.issue_assign.",
    });
    const refused = await call("POST", "/webhook/gitea", body, { "x-gitea-signature": "" });
    expect([refused.status, refused.body.detail]).toEqual([401, "Invalid or missing signature"]);
    expect((await call("POST", "/webhook/nobody", body)).status).toBe(404);
    expect(
      (await call("POST", "/v1/sources/gitea/rotate", { secret: "new", previous_valid_for: "0s" }))
        .status,
    ).toBe(200);
    expect(
      (await call("POST", "/webhook/gitea", body, headers as Record<string, string>)).status,
    ).toBe(401);
    expect((await call("DELETE", "/v1/sources/gitea")).status).toBe(204);
    expect(
      (await call("POST", "/webhook/gitea", body, headers as Record<string, string>)).status,
    ).toBe(404);
  });

  it("make and rotate a source once for an Idempotency-Key: the secret before stays for its time", async () => {
    const make = { name: "keyed", kind: "gitea", secret: SECRET };
    const key = { "idempotency-key": '"a source"' };
    const first = await call("POST", "/v1/sources", make, key);
    expect(await call("POST", "/v1/sources", make, key)).toMatchObject({
      status: 201,
      body: first.body,
      headers: { "idempotency-replayed": "true" },
    });
    const rotate = () =>
      call("POST", "/v1/sources/keyed/rotate", { secret: "new" }, { "idempotency-key": "rotate" });
    expect((await rotate()).status).toBe(200);
    expect((await rotate()).headers).toMatchObject({ "idempotency-replayed": "true" });
    const { headers, body } = webhook({ action: "assigned", issue: { number: 162 } });
    const taken = await call("POST", "/webhook/keyed", body, headers as Record<string, string>);
    expect(taken.status).toBe(200);
    const { rows } = await db.database.pool.query("SELECT * FROM kept_answers");
    expect(JSON.stringify(rows)).not.toContain(SECRET);
    await call("DELETE", "/v1/sources/keyed");
  });

  it("switch rules, and list decisions by event, rule and status in pages", async () => {
    expect((await call("POST", "/v1/rules/t.posted/pause")).body).toMatchObject({
      rule: "t.posted",
      status: "paused",
      by: "token:me",
    });
    const { body } = await call("POST", "/v1/events", { type: "com.example.x", data: { n: 3 } });
    expect(body.decisions).toMatchObject([{ status: "held" }]);
    expect((await call("GET", "/v1/rules?status=paused")).body).toMatchObject([
      { rule: "t.posted" },
    ]);
    expect((await call("POST", "/v1/rules/t.posted/resume")).body).toMatchObject({
      status: "active",
    });
    expect((await call("GET", `/v1/decisions?event=${body.id}`)).body).toEqual(body.decisions);
    const pages: Decision[] = [];
    let url: string | undefined = "/v1/decisions?rule=t.posted&limit=2";
    while (url !== undefined) {
      const page = await call("GET", url);
      pages.push(...page.body);
      url = /<([^>]+)>; rel="next"/.exec(String(page.headers["link"] ?? ""))?.[1];
    }
    expect(new Set(pages.map((decision) => decision.id)).size).toBe(pages.length);
    const statuses = (await call("GET", "/v1/decisions?status=matched")).body.map(
      (decision: Decision) => decision.status,
    );
    expect(new Set(statuses)).toEqual(new Set(["matched"]));
    expect(pages.length).toBeGreaterThan(statuses.length);
  });
});
