import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { inOwnTurn } from "../../json/own-turn.fixture.ts";
import { errorOf, outputOf } from "../attempt.fixture.ts";
import { client, serve } from "./http.fixture.ts";

/** What a response with this body comes to. */
async function respondWith(
  body: string | Buffer,
  headers: { [name: string]: string | string[] } = {},
  status = 200,
) {
  const { origin } = await serve((_request, response) =>
    response.writeHead(status, headers).end(body),
  );
  return await client().send({ url: origin });
}

test.each([
  ["application/json", '{"a": [1, "ü"]}', { a: [1, "ü"] }],
  ["application/problem+json; charset=utf-8", "null", null],
  ["Application/JSON", "\uFEFF[1]", [1]],
  ["application/json", " \n", null],
  ["application/json", "", null],
  ["text/plain", '{"a": 1}', '{"a": 1}'],
  ["text/plain; charset=iso-8859-1", Buffer.from("caf\xe9", "latin1"), "café"],
  ["text/csv", "", ""],
  ["", "no type", "no type"],
])("a body of %s is read as what it says", async (type, body, expected) => {
  const result = await respondWith(body, type === "" ? {} : { "content-type": type });
  const output = outputOf(result) as { body: unknown; encoding?: string };
  expect(output.body).toEqual(expected);
  expect(output.encoding).toBeUndefined();
});

test.each([
  ["image/png", Buffer.from("plain text")],
  ["text/plain", Buffer.from([0x61, 0xff, 0x00])],
  ["text/plain; charset=no-such-set", Buffer.from("abc")],
])("a body of %s that is no text comes as base64, and says so", async (type, body) => {
  expect(outputOf(await respondWith(body, { "content-type": type }))).toMatchObject({
    body: body.toString("base64"),
    encoding: "base64",
  });
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
])("a body compressed by %s is read through", async (encoding, compress) => {
  const headers = { "content-encoding": encoding, "content-type": "application/json" };
  expect(outputOf(await respondWith(compress('{"a":1}'), headers))).toMatchObject({
    body: { a: 1 },
  });
});

test("headers come in small letters, cookies as a list", async () => {
  const result = await respondWith("", { "X-Two": ["a", "b"], "Set-Cookie": ["c=1", "d=2"] });
  expect(outputOf(result)).toMatchObject({
    headers: { "x-two": "a, b", "set-cookie": ["c=1", "d=2"] },
  });
});

test("JSON that is none fails with its place, and what cannot be stored too", async () => {
  const json = { "content-type": "application/json" };
  const error = errorOf(await respondWith('{\n "a": oops}', json));
  expect(error).toMatchObject({ code: "invalid_output", details: { line: 2, column: 7 } });
  expect(errorOf(await respondWith('["\\u0000"]', json)).message).toContain("NUL");
  expect(errorOf(await respondWith("[1e400]", json)).message).toContain("1e400 is too large");
  expect(outputOf(await respondWith("[12345678901234567890]", json))).toMatchObject({
    body: [12345678901234567000],
  });
});

test("a body at the limit passes, and one byte more fails with the sizes, not cut", async () => {
  const { origin } = await serve((request, response) =>
    response.end("x".repeat(Number(request.url?.slice(1)))),
  );
  const { send } = client({ allow: ["127.0.0.1"], responseLimitBytes: 1000 });
  expect(outputOf(await send({ url: `${origin}/1000` }))).toMatchObject({ body: "x".repeat(1000) });
  const error = errorOf(await send({ url: `${origin}/1001` }));
  expect(error).toMatchObject({
    code: "limit_exceeded",
    details: { bytes: 1001, limit_bytes: 1000 },
  });
});

test("JSON that holds too much to be read fails as a limit", async () => {
  const type = { "content-type": "application/json" };
  const error = errorOf(await respondWith(`[${"{},".repeat(200_000)}{}]`, type));
  expect(error.code).toBe("limit_exceeded");
  expect(error.message).toMatch(/^The response of GET .* more than 200,000 values/);
});

test("a body without end, or that swells when decompressed, is broken off at the limit", async () => {
  const { origin } = await serve((request, response) => {
    if (request.url === "/bomb") {
      response.writeHead(200, { "content-encoding": "gzip" });
      return response.end(gzipSync(Buffer.alloc(50_000_000)));
    }
    const more = (): boolean => response.write("x".repeat(60_000), () => void more());
    return more();
  });
  for (const path of ["/bomb", "/endless"])
    expect(errorOf(await client().send({ url: origin + path })).code).toBe("limit_exceeded");
});

test("a status that is not expected fails with it and the beginning of the body", async () => {
  const error = errorOf(await respondWith("no such thing".padEnd(5000, "."), {}, 404));
  expect(error).toMatchObject({ code: "http_status", details: { status: 404 } });
  expect(error.message).toMatch(
    /^GET http:\/\/127\.0\.0\.1:\d+ was answered 404 Not Found: no such/,
  );
  expect(error.message.length).toBeLessThan(1200);
});

test.each([
  [404, [200, 404], true],
  [404, "4xx", true],
  [503, ["2xx", "4xx"], false],
  [201, 201, true],
  [200, 201, false],
])("status %d with expect %j: %s", async (status, wanted, isFine) => {
  const { origin } = await serve((_request, response) => response.writeHead(status).end());
  const result = await client().send({ url: origin, expect: wanted });
  expect(result.status).toBe(isFine ? "success" : "failed");
});

test("Retry-After is told in milliseconds, from seconds or a date", async () => {
  const after = (value: string) => respondWith("", { "retry-after": value }, 429);
  expect(errorOf(await after("7")).details).toEqual({ status: 429, retry_after_ms: 7000 });
  const { details } = errorOf(await after(new Date(Date.now() + 60_000).toUTCString()));
  expect(details?.["retry_after_ms"]).toBeGreaterThan(50_000);
  expect(errorOf(await after("soon")).details).toEqual({ status: 429 });
});

test("what was sent does not come back in the error or the log, though the server repeats it", async () => {
  const { origin } = await serve((request, response) =>
    response.writeHead(400).end(`bad ${request.url} with ${JSON.stringify(request.headers)}`),
  );
  const { send, logs } = client();
  const result = await send({
    url: `${origin.replace("//", "//user-name:pass-word@")}/hooks/path-token?key=query-token`,
    method: "POST",
    query: { more: "other-token" },
    headers: { Authorization: "Bearer header-token", "X-Api-Key": "api-token" },
  });
  const text = JSON.stringify([result, logs]);
  for (const secret of ["path", "query", "other", "header", "api"])
    expect(text).not.toContain(`${secret}-token`);
  expect(text).not.toMatch(/user-name|pass-word/);
  expect(text).toContain("***");
});

test("a large body is read in a turn of its own", async () => {
  const body = "a".repeat(200_000);
  const result = await inOwnTurn(() => respondWith(body, { "content-type": "text/plain" }));
  expect(outputOf(result)).toMatchObject({ body });
});
