import { expect, test } from "vitest";
import { errorOf, outputOf } from "../attempt.fixture.ts";
import { allowEntryFlaw } from "./allow-list.ts";
import type { Resolve } from "./guard.ts";
import { client, serve } from "./http.fixture.ts";

/** A resolver that leads each name where it is told to; each call takes the next of its answers. */
function resolving(names: { readonly [name: string]: string[] }): Resolve {
  return (host, done) => {
    const address = names[host]?.length === 1 ? names[host][0] : names[host]?.shift();
    if (address === undefined) done(Object.assign(new Error("no"), { code: "ENOTFOUND" }), []);
    else done(null, [{ address, family: address.includes(":") ? 6 : 4 }]);
  };
}

test.each([
  "127.0.0.1",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[64:ff9b::7f00:1]",
  "localhost",
  "10.0.0.1",
  "172.31.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "[fe80::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
])("http://%s is refused as it stands, and nothing is sent", async (host) => {
  const { port, asked } = await serve((_request, response) => response.end());
  const error = errorOf(await client({}).send({ url: `http://${host}:${port}/` }));
  expect(error.code).toBe("http_blocked");
  expect(error.message).toContain("is not a public address");
  expect(error.message).toMatch(new RegExp(`YARD_HTTP_ALLOW=\\S+:${port}$`));
  const allow = /YARD_HTTP_ALLOW=(\S+)/.exec(error.message)?.[1] ?? "";
  expect(allowEntryFlaw(allow)).toBeUndefined();
  expect(asked).toEqual([]);
});

test("a name that leads inside is refused, and told where it leads", async () => {
  const { port } = await serve((_request, response) => response.end());
  const { send } = client({ resolve: resolving({ "inside.test": ["127.0.0.1"] }) });
  const error = errorOf(await send({ url: `http://inside.test:${port}/` }));
  expect(error).toMatchObject({ code: "http_blocked", details: { host: "inside.test" } });
  expect(error.message).toContain("inside.test, which leads to 127.0.0.1, is not a public address");
});

test("a name is judged where each connection goes: that it led elsewhere before does not help", async () => {
  const { port, asked } = await serve((_request, response) =>
    response.writeHead(200, { connection: "close" }).end(),
  );
  const { send } = client({
    allow: ["127.0.0.1"],
    resolve: resolving({ "rebind.test": ["127.0.0.1", "127.0.0.2"] }),
  });
  const url = `http://rebind.test:${port}/`;
  expect((await send({ url })).status).toBe("success");
  expect(errorOf(await send({ url })).code).toBe("http_blocked");
  expect(asked).toHaveLength(1);
});

test("of several addresses only those that are allowed are tried", async () => {
  const { port } = await serve((_request, response) => response.end("here"));
  const { send } = client({
    allow: ["127.0.0.1"],
    resolve: (_host, done) =>
      done(null, [
        { address: "10.9.9.9", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ]),
  });
  expect(outputOf(await send({ url: `http://many.test:${port}/` }))).toMatchObject({
    body: "here",
  });
});

test("a redirect is held to the same rule", async () => {
  const inside = await serve((_request, response) => response.end("secret"));
  const { port } = await serve((_request, response) =>
    response.writeHead(302, { location: `http://inside.test:${inside.port}/` }).end(),
  );
  const { send } = client({
    allow: [`outside.test:${port}`],
    resolve: resolving({ "outside.test": ["127.0.0.1"], "inside.test": ["127.0.0.1"] }),
  });
  const error = errorOf(await send({ url: `http://outside.test:${port}/` }));
  expect(error).toMatchObject({ code: "http_blocked", details: { host: "inside.test" } });
  expect(inside.asked).toEqual([]);
});

test.each([
  ["127.0.0.0/8", true],
  ["127.0.0.1", true],
  ["here.test", true],
  ["HERE.test", true],
  ["*.test", true],
  ["10.0.0.0/8", false],
  ["test", false],
  ["*.here.test", false],
])("with %s allowed, here.test on loopback answers: %s", async (allow, isAllowed) => {
  const { port } = await serve((_request, response) => response.end());
  const { send } = client({ allow: [allow], resolve: resolving({ "here.test": ["127.0.0.1"] }) });
  const result = await send({ url: `http://here.test:${port}/` });
  expect(result.status).toBe(isAllowed ? "success" : "failed");
});

test("a port may be named with the host, and then only that is allowed", async () => {
  const { port, origin } = await serve((_request, response) => response.end());
  expect((await client({ allow: [`127.0.0.1:${port}`] }).send({ url: origin })).status).toBe(
    "success",
  );
  expect(errorOf(await client({ allow: ["127.0.0.1:1"] }).send({ url: origin })).code).toBe(
    "http_blocked",
  );
});
