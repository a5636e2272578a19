import { randomBytes } from "node:crypto";
import { type Problem, type Scope, uuidV7 } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { ADMIN, serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { definitionsOf } from "../../test/workflows.ts";
import type { Change } from "../engine/index.ts";
import type { Http } from "../http/index.ts";
import { STREAM_LIMITS } from "../http/lasting/stream.ts";
import { streamRoutes } from "./index.ts";

interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly [key: string]: unknown };
}

describe("/v1/stream", () => {
  let db: TestDatabase;
  let test: TestEngine;
  let http: Http;
  let url: string;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, definitionsOf([]));
    http = serve(1_000_000);
    ({ url } = await http.listen("127.0.0.1", 0));
  });
  afterAll(async () => {
    await http?.close();
    await test?.close();
    await db?.drop();
  });

  function serve(heartbeatMs: number): Http {
    return serveRoutes(streamRoutes(test.engine.feed, { heartbeatMs })).http;
  }

  /** A connected reader; `until` gives all events up to the first that fits. */
  async function connect(query = "", headers: Record<string, string> = {}, base = url) {
    const leaving = new AbortController();
    const response = await fetch(`${base}/v1/stream${query}`, { headers, signal: leaving.signal });
    const events = response.ok && response.body ? read(response.body) : undefined;
    async function until(fits: (event: ServerSentEvent) => boolean): Promise<ServerSentEvent[]> {
      const seen: ServerSentEvent[] = [];
      for (;;) {
        const next = await events?.next();
        if (next === undefined || next.done === true) return seen;
        seen.push(next.value);
        if (fits(next.value)) return seen;
      }
    }
    if (response.ok) await until(({ event }) => event === "ready" || event === "gap");
    return { response, until, leave: () => leaving.abort() };
  }

  const finished = (id: string) => (event: ServerSentEvent) =>
    event.event === "run.finished" && event.data["id"] === id;

  it("tells what happens, as it happens, each change once and with its cursor", async () => {
    const reader = await connect();
    expect(reader.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const run = await test.finish("core.echo", { n: 1 });
    const events = await reader.until(finished(run.id));
    const own = events.filter(({ data }) => data["id"] === run.id);
    expect(own[0]).toMatchObject({
      event: "run.created",
      data: { type: "run.created", ref: "core.echo", at: expect.any(String) },
    });
    expect(own.at(-1)?.data["status"]).toBe("success");
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    reader.leave();
  });

  it("goes on behind Last-Event-ID, or ?after, without a loss and without a repeat", async () => {
    const first = await connect();
    const one = await test.finish("core.echo");
    const seen = await first.until(finished(one.id));
    first.leave();
    const two = await test.finish("core.echo");
    const at = seen.at(-1)?.id ?? "";
    for (const [query, headers] of [
      ["", { "last-event-id": at }],
      [`?after=${at}`, {}],
    ] as const) {
      const second = await connect(query, headers);
      const events = await second.until(finished(two.id));
      expect(events.map(({ id }) => id)).not.toContain(at);
      expect(events.filter(({ data }) => data["id"] === one.id)).toEqual([]);
      expect(events.filter(({ data }) => data["id"] === two.id)[0]?.event).toBe("run.created");
      second.leave();
    }
  });

  it("says gap where the cursor is of another installation, and goes on", async () => {
    const foreign = `${uuidV7(Date.now(), randomBytes(10))}.1.1.0`;
    const response = await fetch(`${url}/v1/stream`, { headers: { "last-event-id": foreign } });
    const events = read(response.body as ReadableStream<Uint8Array>);
    const control = [await events.next(), await events.next()].map(
      ({ value }) => value as ServerSentEvent,
    );
    expect(control.map(({ event }) => event)).toEqual(["ready", "gap"]);
    expect(control[1]?.data["cursor"]).toBe(control[1]?.id);
    const run = await test.finish("core.echo");
    for await (const event of events) if (finished(run.id)(event)) break;
  });

  it("refuses what is no cursor with a status", async () => {
    const { response } = await connect("?after=nonsense");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "invalid_cursor" });
    const long = await connect("", { "last-event-id": "x".repeat(9_000) });
    const { code, detail } = (await long.response.json()) as Problem;
    expect([code, (detail ?? "").length < 200]).toEqual(["invalid_cursor", true]);
  });

  it("keeps to the types and the run that were asked for", async () => {
    const [byType, all] = [await connect("?types=run.fin*"), await connect()];
    const one = await test.finish("core.echo");
    const two = await test.finish("core.echo");
    expect((await byType.until(finished(two.id))).map(({ event }) => event)).toEqual([
      "run.finished",
      "run.finished",
    ]);
    const start = (await all.until(finished(one.id)))[0]?.id;
    const byRun = await connect(`?run=${two.id}&after=${start}`);
    const events = await byRun.until(finished(two.id));
    expect(new Set(events.map(({ data }) => data["id"]))).toEqual(new Set([two.id]));
    for (const reader of [byType, all, byRun]) reader.leave();
  });

  it("refuses types that no change has, with the nearest", async () => {
    for (const [types, near] of [
      ["run.finshed", "run.finished"],
      ["run.*,evnt.*", "event.*"],
      ["foo", undefined],
    ]) {
      const { response } = await connect(`?types=${types}`);
      expect(response.status).toBe(400);
      const { errors } = (await response.json()) as Problem;
      expect(errors[0]).toMatchObject({
        path: "/types",
        ...(near && { hint: `Did you mean ${near}?` }),
      });
    }
  });

  it("tells of events and nodes to those alone whose token may read them", async () => {
    const limited = { ...ADMIN, scopes: ["runs:read"] as Scope[] };
    const { http: other } = serveRoutes(streamRoutes(test.engine.feed), {
      authenticate: () => limited,
    });
    const { url: base } = await other.listen("127.0.0.1", 0);
    const [all, few] = [await connect(), await connect("", {}, base)];
    const announce: Change[] = [
      { type: "event.created", id: "e" },
      { type: "node.paired", id: "n" },
    ];
    await test.engine.commit({ runs: [], announce });
    const run = await test.finish("core.echo");
    const types = async ({ until }: typeof all) =>
      new Set((await until(finished(run.id))).map(({ event }) => event.split(".")[0]));
    expect(await types(all)).toEqual(new Set(["event", "node", "run", "attempt"]));
    expect(await types(few)).toEqual(new Set(["run", "attempt"]));
    const { response } = await connect("?types=event.*", {}, base);
    expect(response.status).toBe(403);
    expect(((await response.json()) as Problem).errors[0]).toMatchObject({
      expected: "events:read",
    });
    for (const reader of [all, few]) reader.leave();
    await other.close();
  });

  it("ends with the reason, and the cursor to come back with, when the token is not valid any more", async () => {
    let isRevoked = false;
    const { http: other } = serveRoutes(streamRoutes(test.engine.feed), {
      authenticate: () => (isRevoked ? undefined : ADMIN),
      streamLimits: { ...STREAM_LIMITS, tokenCheckMs: 20 },
    });
    const { url: base } = await other.listen("127.0.0.1", 0);
    const reader = await connect("", { authorization: "Bearer x" }, base);
    isRevoked = true;
    const events = await reader.until(() => false);
    expect(events.at(-1)).toMatchObject({
      event: "cut",
      data: { cursor: expect.any(String), reason: expect.stringContaining("not valid") },
    });
    await other.close();
  });

  it("keeps an idle connection alive, and ends with the cursor to come back with when the server stops", async () => {
    const short = serve(20);
    const { url: base } = await short.listen("127.0.0.1", 0);
    const response = await fetch(`${base}/v1/stream`);
    const decoder = new TextDecoder();
    let text = "";
    let isClosing = false;
    for await (const bytes of response.body as ReadableStream<Uint8Array>) {
      text += decoder.decode(bytes, { stream: true });
      if (!isClosing && text.includes(": alive\nid: ")) {
        isClosing = true;
        void short.close();
      }
    }
    expect(text).toMatch(
      /event: cut\ndata: \{"cursor":"[^"]+","reason":"the server is stopping"\}\n\n$/,
    );
  });
});

async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const bytes of body) {
      text += decoder.decode(bytes, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const fields = new Map(
          text
            .slice(0, end)
            .split("\n")
            .map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]),
        );
        text = text.slice(end + 2);
        const data = fields.get("data");
        if (data !== undefined)
          yield {
            id: fields.get("id") ?? "",
            event: fields.get("event") ?? "",
            data: JSON.parse(data),
          };
      }
    }
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  }
}
