import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Problem, Scope } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { ADMIN, serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { definitionsOf } from "../../test/workflows.ts";
import type { Http, HttpOptions, Principal } from "../http/index.ts";
import { STREAM_LIMITS } from "../http/lasting/stream.ts";
import { streamRoutes } from "./index.ts";

interface Message {
  readonly type: string;
  readonly cursor: string;
  readonly [key: string]: unknown;
}

describe("/ws", () => {
  let db: TestDatabase;
  let test: TestEngine;
  let http: Http;
  let url: string;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, definitionsOf([]));
    ({ http, url } = await serve());
  });
  afterAll(async () => {
    await http?.close();
    await test?.close();
    await db?.drop();
  });

  async function serve(
    options: HttpOptions & {
      readonly authenticate?: (header: string | undefined) => Principal | undefined;
      readonly heartbeatMs?: number;
    } = {},
  ) {
    const { heartbeatMs = 1_000_000, ...rest } = options;
    const served = serveRoutes(streamRoutes(test.engine.feed, { heartbeatMs }), rest).http;
    return { http: served, url: (await served.listen("127.0.0.1", 0)).url };
  }

  /** A connected client; `until` gives all messages up to the first that fits, or to the close. */
  async function connect(query = "", headers: Record<string, string> = {}, base = url) {
    const socket = new WebSocket(`${base.replace("http", "ws")}/ws${query}`, { headers });
    const messages: Message[] = [];
    let wake = (): void => {};
    let isClosed = false;
    socket.on("message", (text) => {
      messages.push(JSON.parse(String(text)) as Message);
      wake();
    });
    const closed = once(socket, "close").then(([code, reason]) => {
      isClosed = true;
      wake();
      return { code: code as number, reason: String(reason) };
    });
    await once(socket, "open");
    async function until(fits: (message: Message) => boolean): Promise<Message[]> {
      const seen: Message[] = [];
      for (;;) {
        const next = messages.shift();
        if (next !== undefined) {
          seen.push(next);
          if (fits(next)) return seen;
        } else if (isClosed) return seen;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    const [ready] = await until(() => true);
    expect(ready).toMatchObject({ type: "ready", cursor: expect.any(String) });
    return { until, closed, leave: () => socket.close() };
  }

  /** The answer to a client that is not let in. */
  async function refused(query: string, base = url): Promise<{ status: number; body: Problem }> {
    const socket = new WebSocket(`${base.replace("http", "ws")}/ws${query}`);
    const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
    let text = "";
    for await (const piece of response) text += String(piece);
    return { status: response.statusCode ?? 0, body: JSON.parse(text) as Problem };
  }

  const finished = (id: string) => (message: Message) =>
    message.type === "run.finished" && message["id"] === id;

  it("tells what happens, as it happens, each change once and with its cursor", async () => {
    const client = await connect();
    const run = await test.finish("core.echo", { n: 1 });
    const messages = await client.until(finished(run.id));
    const own = messages.filter(({ id }) => id === run.id);
    expect(own[0]).toMatchObject({ type: "run.created", ref: "core.echo", at: expect.any(String) });
    expect(own.at(-1)?.["status"]).toBe("success");
    expect(new Set(messages.map(({ cursor }) => cursor)).size).toBe(messages.length);
    client.leave();
    expect(await client.closed).toMatchObject({ code: 1005 });
  });

  it("goes on behind last_event_id, its header, or after, without a loss and without a repeat", async () => {
    const first = await connect();
    const one = await test.finish("core.echo");
    const at = (await first.until(finished(one.id))).at(-1)?.cursor ?? "";
    first.leave();
    const two = await test.finish("core.echo");
    for (const [query, headers] of [
      [`?last_event_id=${at}`, {}],
      ["", { "last-event-id": at }],
      [`?after=${at}`, {}],
      [`?after=nonsense&last_event_id=${at}`, {}],
    ] as const) {
      const client = await connect(query, headers);
      const messages = await client.until(finished(two.id));
      expect(messages.map(({ cursor }) => cursor)).not.toContain(at);
      expect(messages.filter(({ id }) => id === one.id)).toEqual([]);
      expect(messages.filter(({ id }) => id === two.id)[0]?.type).toBe("run.created");
      client.leave();
    }
  });

  it("keeps to the types and the run that were asked for", async () => {
    const client = await connect("?types=run.fin*");
    const [one, two] = [await test.finish("core.echo"), await test.finish("core.echo")];
    const messages = await client.until(finished(two.id));
    expect(messages.map(({ type }) => type)).toEqual(["run.finished", "run.finished"]);
    const byRun = await connect(`?run=${two.id}&after=${messages[0]?.cursor}`);
    expect((await byRun.until(finished(two.id))).map(({ id }) => id)).not.toContain(one.id);
    for (const each of [client, byRun]) each.leave();
  });

  it("refuses, before the upgrade, what /v1/stream refuses", async () => {
    for (const [query, status, code] of [
      ["?after=nonsense", 400, "invalid_cursor"],
      ["?types=run.finshed", 400, "invalid_request"],
      ["?tpyes=run.*", 400, "invalid_request"],
    ] as const)
      expect(await refused(query)).toMatchObject({ status, body: { status, code } });
    const limited = { ...ADMIN, scopes: ["runs:read"] as Scope[] };
    const few = await serve({ authenticate: () => limited });
    expect(await refused("?types=event.*", few.url)).toMatchObject({ status: 403 });
    await few.http.close();
    const none = await serve({ authenticate: () => undefined });
    expect(await refused("", none.url)).toMatchObject({
      status: 401,
      body: { code: "unauthorized", request_id: expect.any(String) },
    });
    await none.http.close();
  });

  it("tells of events and nodes to those alone whose token may read them", async () => {
    const authenticate = (header: string | undefined): Principal => ({
      ...ADMIN,
      scopes: header === "Bearer few" ? ["runs:read"] : ["runs:read", "events:read"],
    });
    const other = await serve({ authenticate });
    const all = await connect("", { authorization: "Bearer all" }, other.url);
    const few = await connect("", { authorization: "Bearer few" }, other.url);
    await test.engine.commit({ runs: [], announce: [{ type: "event.created", id: "e" }] });
    const run = await test.finish("core.echo");
    const types = async ({ until }: typeof all) =>
      (await until(finished(run.id))).map(({ type }) => type);
    expect(await types(all)).toContain("event.created");
    expect(await types(few)).not.toContain("event.created");
    await other.http.close();
  });

  it("closes with the reason, after the cursor to come back with, when the token is not valid any more", async () => {
    let principal: Principal | undefined = ADMIN;
    const other = await serve({
      authenticate: () => principal,
      streamLimits: { ...STREAM_LIMITS, tokenCheckMs: 20 },
    });
    const cut = { type: "cut", cursor: expect.any(String) };
    const revoked = await connect("", {}, other.url);
    principal = undefined;
    expect((await revoked.until(() => false)).at(-1)).toMatchObject(cut);
    expect(await revoked.closed).toEqual({
      code: 4401,
      reason: expect.stringContaining("No token was given"),
    });
    principal = ADMIN;
    const client = await connect("", {}, other.url);
    principal = { ...ADMIN, scopes: ["nodes:read"] };
    expect(await client.closed).toEqual({
      code: 4403,
      reason: expect.stringContaining("lacks the scope runs:read"),
    });
    await other.http.close();
  });

  it("says where an idle client stands, and closes with 1001 when the server stops", async () => {
    const short = await serve({ heartbeatMs: 20 });
    const client = await connect("", {}, short.url);
    await client.until(({ type }) => type === "alive");
    const stopped = short.http.close();
    expect((await client.until(() => false)).at(-1)).toMatchObject({
      ...{ type: "cut", reason: "the server is stopping", cursor: expect.any(String) },
    });
    expect(await client.closed).toEqual({ code: 1001, reason: "the server is stopping" });
    await stopped;
  });
});
