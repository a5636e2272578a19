import { MAX_PAGE_LIMIT, MAX_WAIT_S } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { type Client, createClient } from "./client.ts";
import { MAX_HELD_MS } from "./resources/runs.ts";
import { problem, readBody, sendJson, serve } from "./testing/serve.ts";
import { nextCursor, PAGE_SIZE } from "./transport/pages.ts";

const ID = "0197a1b2-0000-7000-8000-000000000001";

test("starts a run with its wait and its key, under a path of a proxy", async () => {
  const url = await serve(async (request, response) => {
    expect([request.method, request.url]).toEqual(["POST", "/yard/v1/runs"]);
    expect(request.headers).toMatchObject({
      prefer: "wait=3",
      "idempotency-key": "k1",
      authorization: "Bearer secret",
    });
    expect(await readBody(request)).toEqual({ ref: "a.b", input: { n: 1 } });
    sendJson(response, { id: ID, status: "success" });
  });
  const client = createClient({ url: `${url}/yard/`, token: "secret" });
  const run = await client.runs.start(
    { ref: "a.b", input: { n: 1 } },
    { waitMs: 2_100, idempotencyKey: "k1" },
  );
  expect(run).toMatchObject({ id: ID, status: "success" });
});

test.each([
  ["order-7", "order-7"],
  ["order 7", '"order 7"'],
  ['"order"', String.raw`"\"order\""`],
  [String.raw`a \ b`, String.raw`"a \\ b"`],
])("sends the key %s as %s", async (key, header) => {
  const url = await serve((request, response) => {
    expect(request.headers["idempotency-key"]).toBe(header);
    sendJson(response, { id: ID, status: "success" });
  });
  const { runs, events } = createClient({ url });
  await runs.start({ ref: "a.b" }, { idempotencyKey: key });
  await events.send({ type: "a.b" }, { idempotencyKey: key });
});

test("asks for no more than the API allows", () => {
  expect(PAGE_SIZE).toBe(MAX_PAGE_LIMIT);
  expect(MAX_HELD_MS).toBe(MAX_WAIT_S * 1_000);
});

test("turns a problem into an AppError with its code and field errors", async () => {
  const errors = [{ path: "/input/nam", message: "is not known", hint: "did you mean name?" }];
  const url = await serve((_request, response) => {
    sendJson(response, problem(422, "invalid_input", "The input does not fit", { errors }), {
      status: 422,
    });
  });
  const start = createClient({ url }).runs.start({ ref: "a.b" });
  await expect(start).rejects.toMatchObject({
    code: "invalid_input",
    message: "The input does not fit",
    errors,
  });
});

test("names the request of a server's inner error", async () => {
  const url = await serve((_request, response) =>
    sendJson(response, problem(500, "internal", "It broke"), { status: 500 }),
  );
  await expect(createClient({ url }).status()).rejects.toMatchObject({
    code: "internal",
    message: "It broke (request r-1)",
  });
});

test("makes a code from the HTTP status where the answer is not a problem it knows", async () => {
  const url = await serve((_request, response, number) => {
    if (number === 0) response.writeHead(502).end("<h1>Bad\n gateway</h1>");
    else sendJson(response, problem(409, "brand_new_code", "Later"), { status: 409 });
  });
  await expect(createClient({ url }).status()).rejects.toMatchObject({
    code: "unavailable",
    message: `${url}/v1/status answered 502: <h1>Bad gateway</h1>`,
  });
  await expect(createClient({ url }).status()).rejects.toMatchObject({
    code: "conflict",
    message: "Later",
  });
});

test("says that nobody listens, that an address is none, and that an answer is not JSON", async () => {
  await expect(
    createClient({ url: "http://127.0.0.1:9", fetch: failing("ECONNREFUSED") }).status(),
  ).rejects.toMatchObject({
    code: "unavailable",
    message: "Cannot reach a Yardmaster server at http://127.0.0.1:9: connection refused",
  });
  expect(() => createClient({ url: "127.0.0.1:4400" })).toThrow(/is not the address of a server/);
  const url = await serve((_request, response) => {
    response.end("hello");
  });
  await expect(createClient({ url }).status()).rejects.toMatchObject({
    code: "unavailable",
    message: /did not answer in JSON/,
  });
});

const failing = (code: string) => () =>
  Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) }));

test.each([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
])("says how to trust a certificate whose authority is not known (%s)", async (code) => {
  const client = createClient({ url: "https://yard.test", fetch: failing(code) });
  await expect(client.status()).rejects.toThrow("NODE_EXTRA_CA_CERTS");
});

test("follows no redirect, which would take a secret of the request elsewhere, and says where it leads", async () => {
  const asked: (string | undefined)[] = [];
  const elsewhere = await serve((request, response) => {
    asked.push(request.url);
    sendJson(response, {});
  });
  const url = await serve((_request, response) => {
    response.writeHead(307, { location: `${elsewhere}/v1/runs` }).end();
  });
  await expect(createClient({ url }).runs.start({ ref: "a.b" })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining(`${url} redirects to ${elsewhere}, which is not followed`),
  });
  expect(asked).toEqual([]);
});

test.each<[string, string, string, (client: Client) => Promise<unknown>]>([
  ["an empty id", "invalid_request", '"" is no id', ({ runs }) => runs.get("")],
  ["an id that is a path", "invalid_request", '".." is no id', ({ rules }) => rules.pause("..")],
  ["what cannot be JSON", "invalid_request", "BigInt", ({ runs }) => runs.start(unwritable)],
])("refuses %s before anything is sent, and not as a server that is away", async (...row) => {
  const [, code, message, call] = row;
  const url = await serve(() => expect.unreachable());
  await expect(call(createClient({ url }))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

const unwritable = { ref: "a.b", input: { n: 1n as unknown as number } };

test("refuses a token that cannot be sent, and does not show it", async () => {
  const { status } = createClient({ url: "http://127.0.0.1:1", token: "secret\nsecret" });
  const error = await status().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "unauthorized" });
  expect(String(error)).not.toContain("secret");
});

test("throws the reason of an abort", async () => {
  const abort = new AbortController();
  const reason = new Error("enough");
  const url = await serve(() => abort.abort(reason));
  await expect(createClient({ url }).status({ signal: abort.signal })).rejects.toBe(reason);
});

test("walks a list along its pages and stops at the limit, asking for no more than it needs", async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url as string);
    const query = new URL(request.url as string, url).searchParams;
    const first = Number(query.get("cursor") ?? "0");
    const items = [1, 2, 3]
      .map((n) => ({ id: String(first + n) }))
      .slice(0, Number(query.get("limit")));
    const link = `<http://elsewhere.test/v1/runs?cursor=${first + 3}>; rel="next"`;
    sendJson(response, items, first < 6 ? { headers: { link } } : {});
  });
  const { runs } = createClient({ url });
  expect(await ids(runs.list({ status: "failed" }))).toEqual([
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
  ]);
  asked.length = 0;
  expect(await ids(runs.list({ limit: 4 }))).toEqual(["1", "2", "3", "4"]);
  expect(asked).toEqual(["/v1/runs?limit=4", "/v1/runs?cursor=3&limit=1"]);
});

test("gives one page of runs and the cursor of the next, and none on the last", async () => {
  const url = await serve((request, response) => {
    const isLast = request.url === "/v1/runs?status=failed&limit=2&cursor=c1";
    const link = `</v1/runs?cursor=c1>; rel="next"`;
    sendJson(response, [{ id: isLast ? "2" : "1" }], isLast ? {} : { headers: { link } });
  });
  const { runs } = createClient({ url });
  const first = await runs.page({ status: "failed", limit: 2 });
  expect(first).toEqual({ items: [{ id: "1" }], next: "c1" });
  const last = await runs.page({ status: "failed", limit: 2, cursor: first.next });
  expect(last).toEqual({ items: [{ id: "2" }], next: undefined });
});

test("reads events, decisions and deliveries page by page too", async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url ?? "");
    sendJson(response, [], { headers: { link: `</any?cursor=c1>; rel="next"` } });
  });
  const { events, decisions, deliveries } = createClient({ url });
  for (const { page } of [events, decisions, deliveries])
    expect(await page({ source: "s", limit: 2, cursor: "c0" })).toEqual({ items: [], next: "c1" });
  expect(asked).toEqual(
    ["events", "decisions", "deliveries"].map((name) => `/v1/${name}?source=s&limit=2&cursor=c0`),
  );
});

test("reads the next page's cursor from any Link header that has one", () => {
  expect(nextCursor('</v1/runs?cursor=a%2Bb&limit=2>; rel="next"')).toBe("a+b");
  expect(nextCursor('</v1/runs>; rel="first", </v1/runs?cursor=b>; title="x"; rel=next')).toBe("b");
  expect(nextCursor('</v1/runs?cursor=a>; rel="prev"')).toBeUndefined();
  expect(nextCursor(null)).toBeUndefined();
});

test("removes a token by an answer without a body", async () => {
  const url = await serve((request, response) => {
    expect([request.method, request.url]).toEqual(["DELETE", "/v1/tokens/a%2Fb"]);
    response.writeHead(204).end();
  });
  expect(await createClient({ url }).tokens.remove("a/b")).toBeUndefined();
});

async function ids(items: AsyncIterable<{ id: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const item of items) found.push(item.id);
  return found;
}
