import type { Http, Principal } from "../src/http/index.ts";
import { runRoutes } from "../src/runs/index.ts";
import { startEngine, type TestEngine } from "./engine.ts";
import { ADMIN, serveRoutes } from "./http.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { actionOf, definitionsOf, ECHO, SLEEP, workflowOf } from "./workflows.ts";

const shell = (script: string) =>
  actionOf("test.shell", { kind: "process", script, output: "text" });
const WORKFLOWS = [
  workflowOf("test.long", [{ id: "nap", action: SLEEP, with: { duration: "1h" } }]),
  workflowOf("test.two", [
    { id: "a", action: ECHO, with: { n: 1 } },
    { id: "b", action: ECHO, with: { n: 2 } },
  ]),
  workflowOf("test.breaks", [{ id: "break", action: shell("exit 1") }]),
  workflowOf("test.open", [{ id: "open", action: shell("printf half; printf odd >&2") }]),
  workflowOf("test.calls", [{ id: "call", action: actionOf("test.breaks", { kind: "workflow" }) }]),
  workflowOf("test.lines", [
    { id: "lines", action: shell("for i in 1 2 3; do echo line $i >&2; sleep 0.2; done; sleep 2") },
  ]),
];

const PRINCIPALS: Record<string, Principal> = {
  "Bearer one": ADMIN,
  "Bearer two": { ...ADMIN, tokenId: "01890a5d-ac96-774b-bcce-b302099a8058", name: "two" },
  "Bearer writer": {
    tokenId: "01890a5d-ac96-774b-bcce-b302099a8059",
    name: "writer",
    scopes: ["runs:write"],
  },
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is what it checks.
  readonly body: any;
}

export interface RunApi {
  readonly db: TestDatabase;
  readonly test: TestEngine;
  readonly url: string;
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  start(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Another server over the same engine. */
  serve(): Http;
  /** Runs that there are. */
  count(): Promise<number>;
  close(): Promise<void>;
}

/** `/v1/runs` over a real engine and a real socket. */
export async function startRunApi(): Promise<RunApi> {
  const db = await createTestDatabase();
  const test = await startEngine(db.url, definitionsOf(WORKFLOWS));
  const serve = (): Http =>
    serveRoutes(runRoutes(test.engine, { problems: async () => [] }), {
      authenticate: (header) => PRINCIPALS[header ?? ""],
    }).http;
  const http = serve();
  const { url } = await http.listen("127.0.0.1", 0);

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: "Bearer one",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status } = response;
    return { status, headers: response.headers, text, body: JSON.parse(text || "null") };
  }

  return {
    db,
    test,
    url,
    serve,
    ask,
    start: (body, headers) => ask("POST", "/v1/runs", body, headers),
    async count() {
      const { rows } = await db.database.pool.query<{ n: number }>(
        "SELECT (SELECT count(*)::int FROM runs) + (SELECT count(*)::int FROM run_history) AS n",
      );
      return rows[0]?.n ?? 0;
    },
    async close() {
      await http.close();
      await test.close();
      await db.drop();
    },
  };
}
