import { expect, test } from "vitest";
import { errorOf, outputOf } from "../attempt.fixture.ts";
import { client, serve } from "./http.fixture.ts";
import { redirected } from "./redirect.ts";

/** `/n` leads on to `/n-1` with this status, `/0` answers. */
const countdown = (status: number) =>
  serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end("arrived");
    else response.writeHead(status, { location: `/${left - 1}` }).end("on");
  });

test("five redirects are followed and told in the log, a sixth is the response", async () => {
  const { origin } = await countdown(302);
  const { send, textOf } = client();
  expect(outputOf(await send({ url: `${origin}/5` }))).toMatchObject({ body: "arrived" });
  expect(textOf("stderr").match(/was answered 302: on to GET/g)).toHaveLength(5);
  expect(errorOf(await send({ url: `${origin}/6` }))).toMatchObject({
    message: expect.stringMatching(
      /was answered 302 Found, a redirect, after 5 that were followed \(redirects: 5\): on$/,
    ),
    details: { status: 302 },
  });
});

test("fewer are followed where the step says so, and one that is expected is not", async () => {
  const { origin, asked } = await countdown(307);
  const { send } = client();
  expect(errorOf(await send({ url: `${origin}/1`, redirects: 0 }))).toMatchObject({
    code: "http_status",
    message: expect.stringContaining("none is followed (redirects: 0)"),
  });
  const output = outputOf(await send({ url: `${origin}/1`, expect: 307 }));
  expect(output).toMatchObject({ status: 307, headers: { location: "/0" } });
  expect(asked).toHaveLength(2);
});

test.each([
  [301, "POST", "GET"],
  [302, "POST", "GET"],
  [303, "POST", "GET"],
  [303, "DELETE", "GET"],
  [302, "PUT", "PUT"],
  [307, "POST", "POST"],
  [308, "PATCH", "PATCH"],
])("%d makes of %s a %s, with or without its body", async (status, method, becomes) => {
  const { origin, asked } = await countdown(status);
  await client().send({ url: `${origin}/1`, method, json: { a: 1 } });
  const kept = becomes !== "GET";
  expect(asked[1]).toMatchObject({ method: becomes, body: kept ? '{"a":1}' : "" });
  expect(asked[1]?.headers["content-type"]).toBe(kept ? "application/json" : undefined);
  expect(asked[1]?.headers["idempotency-key"]).toBe(kept ? "key-1" : undefined);
});

test("headers that may be credentials do not go on to another origin, and do to the same", async () => {
  const other = await serve((_request, response) => response.end());
  const { origin, asked } = await serve((request, response) => {
    const location = request.url === "/away" ? `${other.origin}/` : "/same";
    if (request.url === "/same") response.end();
    else response.writeHead(307, { location }).end();
  });
  const headers = {
    Authorization: "Bearer x",
    Cookie: "a=b",
    "X-Api-Key": "k",
    Accept: "text/csv",
  };
  const { send } = client();
  await send({ url: `${origin}/`, method: "POST", headers });
  expect(asked[1]?.headers).toMatchObject({ authorization: "Bearer x", "x-api-key": "k" });
  await send({ url: `${origin}/away`, method: "POST", headers });
  const sent = other.asked[0]?.headers ?? {};
  expect(sent["accept"]).toBe("text/csv");
  for (const name of ["authorization", "cookie", "x-api-key"]) expect(sent[name]).toBeUndefined();
});

test.each([
  ["file:///etc/passwd", "leads to file:"],
  ["http://[broken", "Location is no address"],
])("a redirect to %s is an error", async (location, text) => {
  const { origin } = await serve((_request, response) =>
    response.writeHead(302, { location }).end(),
  );
  const error = errorOf(await client().send({ url: origin }));
  expect(error).toMatchObject({ code: "http_failed", details: { error: "redirect" } });
  expect(error.message).toContain(text);
});

test("a redirect without a place is told as such", async () => {
  const { origin } = await serve((_request, response) => response.writeHead(302).end());
  const error = errorOf(await client().send({ url: origin }));
  expect(error).toMatchObject({
    code: "http_status",
    message: expect.stringMatching(/302 Found, a redirect that says not where to \(Location\)$/),
  });
});

test("a redirect from https to http is refused, and one to https is not", () => {
  const from = { method: "GET", url: new URL("https://a.test/"), headers: {} };
  expect(redirected(from, 302, "http://a.test/")).toContain("from https to http");
  const plain = { ...from, url: new URL("http://a.test/") };
  expect(redirected(plain, 302, "https://me:pass@a.test/x#y")).toMatchObject({
    url: new URL("https://a.test/x"),
  });
});
