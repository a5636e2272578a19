import { AppError } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { serveRoutes } from "../../test/http.ts";
import { testKeptAnswers } from "../../test/kept-answers.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import type { Http, Idempotency, Route } from "./index.ts";

let db: TestDatabase;
let http: Http;
let made = 0;

const body = z.strictObject({ n: z.number().default(1) });

const described = (name: string) => ({
  method: "POST" as const,
  path: `/v1/${name}`,
  summary: "Makes a thing.",
  scope: "runs:write" as const,
  responses: { 201: { description: "The thing" } },
});

function things(
  name: string,
  more: { idempotency?: Idempotency; scope?: "open" } = {},
): Route<{ body: typeof body }> {
  return {
    ...described(name),
    body,
    ...more,
    handler: ({ body: { n } }) => {
      if (n === 4) throw new AppError("conflict", "There are four");
      made++;
      return { status: 201, headers: { location: `/v1/things/${made}` }, body: { made } };
    },
  };
}

const EMPTY: Route = {
  ...described("empty"),
  handler: () => {
    made++;
    return {};
  },
};
const RAW: Route = {
  ...described("raw"),
  rawBody: true,
  isAskedIn: (name) => name === "ce-id",
  handler: () => ({ body: { made: ++made } }),
};
const OF_KINDS = (["own", "shown_once", "harmless"] as const).map((idempotency) =>
  things(idempotency, { idempotency }),
);

beforeAll(async () => {
  db = await createTestDatabase();
  ({ http } = serveRoutes(
    [things("things"), EMPTY, RAW, things("open", { scope: "open" }), ...OF_KINDS],
    {
      keptAnswers: testKeptAnswers(db.database.pool),
    },
  ));
});
afterAll(async () => {
  await http?.close();
  await db?.drop();
});

async function post(path: string, payload: object | string | undefined, headers: object) {
  const type = payload === undefined ? {} : { "content-type": "application/json" };
  const answer = await http.inject({
    method: "POST",
    url: path,
    headers: { ...type, ...headers },
    ...(payload !== undefined && { payload }),
  });
  const { statusCode: status } = answer;
  return { status, headers: answer.headers, body: answer.body && answer.json() };
}

it("answers a request that comes again with its key as it did, and says so", async () => {
  const key = { "idempotency-key": "things" };
  const first = await post("/v1/things", {}, key);
  expect(first).toMatchObject({ status: 201, body: { made: expect.any(Number) } });
  expect(first.headers["idempotency-replayed"]).toBeUndefined();
  // The body counts as what it says, not as it is written.
  const again = await post("/v1/things", ' { "n": 1 }', key);
  expect(again).toMatchObject({
    status: 201,
    body: first.body,
    headers: {
      location: first.headers.location,
      "content-type": first.headers["content-type"],
      "idempotency-replayed": "true",
    },
  });
  expect((await post("/v1/things", {}, {})).body).not.toEqual(first.body);
  for (const [path, payload] of [
    ["/v1/things", { n: 2 }],
    // The same body, elsewhere.
    ["/v1/shown_once", {}],
    ["/v1/empty", undefined],
  ] as const)
    expect(await post(path, payload, key)).toMatchObject({
      status: 409,
      body: { code: "idempotency_mismatch" },
    });
});

it("answers again with nothing where there was nothing", async () => {
  const key = { "idempotency-key": "empty" };
  const before = made;
  expect((await post("/v1/empty", undefined, key)).status).toBe(204);
  expect(await post("/v1/empty", undefined, key)).toMatchObject({
    status: 204,
    body: "",
    headers: { "idempotency-replayed": "true" },
  });
  expect(made).toBe(before + 1);
});

it("takes a raw body, and its headers that are part of it, for a part of the request", async () => {
  const ask = (id: string, trace: string, body = "{}") =>
    post("/v1/raw", body, { "idempotency-key": "raw", "ce-id": id, traceparent: trace });
  const first = await ask("1", "a");
  expect(await ask("1", "b")).toMatchObject({ status: 200, body: first.body });
  expect((await ask("2", "a")).status).toBe(409);
  expect((await ask("1", "a", "{} ")).status).toBe(409);
});

it("frees the key of a request that was refused", async () => {
  const key = { "idempotency-key": "refused" };
  expect((await post("/v1/things", { n: 4 }, key)).body.code).toBe("conflict");
  expect((await post("/v1/things", { n: 5 }, key)).status).toBe(201);
});

it("refuses a key that cannot be kept wherever keys are taken, and nowhere else", async () => {
  const key = { "idempotency-key": "x".repeat(256) };
  for (const path of ["things", "empty", "own", "shown_once"])
    expect(await post(`/v1/${path}`, path === "empty" ? undefined : {}, key)).toMatchObject({
      status: 400,
      body: { errors: [{ path: "Idempotency-Key" }] },
    });
  for (const path of ["open", "harmless"])
    expect((await post(`/v1/${path}`, {}, key)).status).toBe(201);
});

it("does not show again what is shown once", async () => {
  const key = { "idempotency-key": "secret" };
  expect((await post("/v1/shown_once", {}, key)).status).toBe(201);
  expect(await post("/v1/shown_once", {}, key)).toMatchObject({
    status: 409,
    body: { code: "conflict" },
  });
});

it("states the key in OpenAPI where it is taken", async () => {
  const { paths } = (await http.inject({ url: "/openapi.json" })).json();
  const stated = (path: string) =>
    paths[path].post.parameters.filter(({ in: place }: { in: string }) => place === "header");
  for (const path of ["/v1/things", "/v1/own", "/v1/shown_once"])
    expect(stated(path)).toMatchObject([
      { name: "idempotency-key", required: false, schema: { maxLength: 255 } },
    ]);
  for (const path of ["/v1/open", "/v1/harmless"]) expect(stated(path)).toEqual([]);
});
