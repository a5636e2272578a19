import { expect, test } from "vitest";
import { errorOf, outputOf } from "../attempt.fixture.ts";
import { client, serve } from "./http.fixture.ts";

test("a plain request is a GET that names its sender, and hands the trace on", async () => {
  const { origin, asked } = await serve((_request, response) => response.end("hello"));
  const { send } = client();
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  expect(
    outputOf(await send({ url: `${origin}/a?b=1#c` }, { trace, traceState: "yard=r" })),
  ).toMatchObject({
    status: 200,
    body: "hello",
  });
  expect(asked).toMatchObject([
    {
      method: "GET",
      path: "/a?b=1",
      headers: { "user-agent": "yardmaster", traceparent: trace, tracestate: "yard=r" },
    },
  ]);
  expect(asked[0]?.headers["idempotency-key"]).toBeUndefined();
});

test("query, lists in it and what the URL has already come together; null leaves out", async () => {
  const { origin, asked } = await serve((_request, response) => response.end());
  const query = { a: "x y&z", n: 2, on: true, list: ["p", 3], gone: null };
  await client().send({ url: `${origin}/?first=1`, query });
  expect(asked[0]?.path).toBe("/?first=1&a=x+y%26z&n=2&on=true&list=p&list=3");
});

test.each([
  [{ json: { a: ["ü"] } }, "application/json", '{"a":["ü"]}'],
  [{ json: "text" }, "application/json", '"text"'],
  [{ json: null }, "application/json", "null"],
  [{ body: [1, 2] }, "application/json", "[1,2]"],
  [{ body: "plain ü" }, "text/plain; charset=utf-8", "plain ü"],
  [{ form: { a: "x y", b: [1, 2] } }, "application/x-www-form-urlencoded", "a=x+y&b=1&b=2"],
  [{ body: null }, undefined, ""],
])("the body of %j is sent as %s", async (given, type, text) => {
  const { origin, asked } = await serve((_request, response) => response.end());
  await client().send({ url: origin, method: "POST", ...given });
  expect(asked[0]?.body).toBe(text);
  expect(asked[0]?.headers["content-type"]).toBe(type);
});

test("what changes something carries the key by which the receiver knows a repetition", async () => {
  const { origin, asked } = await serve((_request, response) => response.end());
  const { send } = client();
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) await send({ url: origin, method });
  await send({ url: origin, method: "POST", headers: { "Idempotency-Key": "own" } });
  const keys = asked.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toEqual(["key-1", "key-1", "key-1", "key-1", "own"]);
});

test("headers are the step's, null leaves one out, and user and password of the URL become one", async () => {
  const { origin, asked } = await serve((_request, response) => response.end());
  const url = origin.replace("//", "//me:p%40ss@");
  await client().send({ url, headers: { "X-Own": "1", Accept: "text/csv", "X-Gone": null } });
  expect(asked[0]?.headers).toMatchObject({
    "x-own": "1",
    accept: "text/csv",
    authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
  });
  expect(asked[0]?.headers["x-gone"]).toBeUndefined();
});

test.each([
  [{ url: "ftp://example.test/x" }, "http:// or https://"],
  [{ url: "example.test" }, "url is no address"],
  [
    { url: `http://example.test/${"x".repeat(9000)}` },
    "url has 9020 characters; at most 8192 are allowed",
  ],
  [{ url: "http://example.test", method: "FETCH" }, "method"],
  [{ url: "http://example.test", headers: { Host: "other" } }, "headers.Host is set by Yardmaster"],
  [{ url: "http://example.test", headers: { "X-A": "a\r\nX-B: b" } }, "headers.X-A is no header"],
  [{ url: "http://example.test", headers: { "X A": "a" } }, "headers.X A is no header: its name"],
  [{ url: "http://example.test", json: 1 }, "a GET request has no json: write method: POST"],
  [
    { url: "http://example.test", method: "POST", json: 1, body: "x" },
    "give body or json, not both",
  ],
  [{ url: "http://example.test", expect: "2x" }, "expect"],
  [{ url: "http://example.test", redirects: 6 }, "redirects"],
  [{ url: "http://example.test", timeout: 5 }, "timeout"],
  [{}, "url is required"],
])("%j is refused before anything is sent, naming the field", async (input, text) => {
  const error = errorOf(await client().send(input));
  expect(error.code).toBe("invalid_input");
  expect(error.message).toContain(text);
});
