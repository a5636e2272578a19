import { once } from "node:events";
import { get } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import { post, serveSamples, TOKEN } from "../../test/sample-routes.ts";
import { inOwnTurn } from "../json/own-turn.fixture.ts";
import type { Route } from "./index.ts";
import { STREAM_LIMITS } from "./lasting/stream.ts";

const large: Route = {
  method: "POST",
  path: "/v1/large",
  summary: "Counts bytes.",
  scope: "open",
  rawBody: true,
  responses: { 200: { description: "How many" } },
  handler: ({ rawBody }) => ({ body: { bytes: rawBody.length } }),
};

const bare: Route = {
  method: "POST",
  path: "/v1/things/{id}/stop",
  summary: "Stops one.",
  scope: "open",
  responses: { 200: { description: "Stopped" } },
  handler: () => ({ body: {} }),
};

describe("a large answer", () => {
  it("is let go with its client when that reads nothing of it", async () => {
    let closed: Promise<unknown> | undefined;
    const answers: Route = {
      ...{ method: "GET", path: "/v1/answer", summary: "Is large.", scope: "open" },
      responses: { 200: { description: "A large one" } },
      handler({ raw }) {
        closed = once(raw.socket, "close");
        return { body: "x".repeat(20_000_000) };
      },
    };
    const streamLimits = { ...STREAM_LIMITS, stallMs: 100 };
    const { http } = serveRoutes([answers], { streamLimits, authenticate: () => undefined });
    onTestFinished(() => http.close());
    const { url } = await http.listen("127.0.0.1", 0);
    const [silent] = await once(get(`${url}/v1/answer`), "response");
    await closed;
    expect(silent.destroy().complete).toBe(false);
  });
});

describe("a request", () => {
  it("of the method HEAD is answered as GET, without what GET answers and without beginning a stream", async () => {
    const live: Route = {
      ...{ method: "GET", path: "/v1/live", summary: "Never ends.", scope: "runs:read" },
      responses: { 200: { description: "Lines" } },
      handler: () => ({
        stream: {
          contentType: "application/x-ndjson",
          chunks: () => expect.unreachable("a stream was begun"),
        },
      }),
    };
    const { http } = serveSamples([live]);
    onTestFinished(() => http.close());
    const { url } = await http.listen("127.0.0.1", 0);
    const head = (path: string, headers = {}) => fetch(url + path, { method: "HEAD", headers });
    const thing = "/v1/things/5b8d5a5e-3a0c-4d5e-9d0a-0f6c1d1f6a11";
    const whole = await fetch(url + thing, { headers: TOKEN });
    const one = await head(thing, TOKEN);
    expect([one.status, await one.text()]).toEqual([200, ""]);
    expect(one.headers.get("content-length")).toBe(whole.headers.get("content-length"));
    const stream = await head("/v1/live", TOKEN);
    expect([stream.status, await stream.text()]).toEqual([200, ""]);
    expect(stream.headers.get("content-type")).toBe("application/x-ndjson");
    expect((await head(thing)).status).toBe(401);
    const wrong = await fetch(url + thing, { method: "PUT" });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("without a body of its own is refused with one, and taken with the empty object that some clients send", async () => {
    const { http } = serveSamples([bare]);
    const send = (payload?: string) =>
      http.inject({
        method: "POST",
        url: "/v1/things/7/stop",
        ...(payload !== undefined && { payload }),
      });
    for (const nothing of [undefined, "", "{}", " {\n}\n"])
      expect((await send(nothing)).statusCode).toBe(200);
    for (const something of ['{"reason":"late"}', "{", "[]"]) {
      const refused = await send(something);
      expect(refused.statusCode).toBe(400);
      expect(refused.json()).toMatchObject({
        code: "invalid_request",
        detail: "POST /v1/things/{id}/stop takes no body: leave it out, or send {}",
      });
    }
  });

  it("is checked, served and answered with its id", async () => {
    const { http } = serveSamples();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const response = await post(http, '{"ref":"a"}', { "x-request-id": "mine-1", traceparent });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ body: { ref: "a" }, name: "tester", traceparent });
    expect(response.headers["x-request-id"]).toBe("mine-1");
    expect(response.headers["x-content-type-options"]).toBe("nosniff");
  });

  it("gets an id of its own where the client's is none, and each another", async () => {
    const { http } = serveSamples();
    const ids = await Promise.all(
      [1, 2].map(
        async () =>
          (await post(http, '{"ref":"a"}', { "x-request-id": "a b" })).headers["x-request-id"],
      ),
    );
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[\w-]+$/);
  });

  it("loses a traceparent that is not valid", async () => {
    const { http } = serveSamples();
    const response = await post(http, '{"ref":"a"}', {
      traceparent: `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    });
    expect(response.json()).toMatchObject({ traceparent: null });
  });

  it("has the numbers of its query as numbers", async () => {
    const { http } = serveSamples();
    const id = "01890a5d-ac96-774b-bcce-b302099a8057";
    const response = await http.inject({ url: `/v1/things/${id}?limit=7`, headers: TOKEN });
    expect(response.json()).toEqual({ id, limit: 7 });
  });

  it("with a large body is read in a turn of its own", async () => {
    const { http } = serveSamples([large]);
    const payload = "a".repeat(200_000);
    const sent = () => http.inject({ method: "POST", url: "/v1/large", payload });
    expect((await inOwnTurn(sent)).json()).toEqual({ bytes: 200_000 });
  });

  it("reaches a raw route byte for byte, whatever its content type", async () => {
    const { http } = serveSamples();
    const payload = Buffer.from([0, 255, 123, 10]);
    for (const type of ["application/json", "application/x-www-form-urlencoded", "nonsense"]) {
      const response = await http.inject({
        method: "POST",
        url: "/webhook/gitea",
        headers: { "content-type": type },
        payload,
      });
      expect(response.json()).toEqual({ bytes: payload.toString("hex") });
    }
  });
});

describe("the token", () => {
  it.each([
    [{}, 401, "unauthorized"],
    [{ authorization: "Bearer bad" }, 401, "unauthorized"],
    [{ authorization: "Bearer other" }, 403, "forbidden"],
  ])("is needed before anything is read: %o", async (headers, status, code) => {
    const { http } = serveSamples();
    const response = await http.inject({
      method: "POST",
      url: "/v1/things",
      headers: { ...headers, "content-type": "text/plain" } as Record<string, string>,
      payload: "{",
    });
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ code });
    if (status === 401) expect(response.headers["www-authenticate"]).toContain("Bearer");
  });
});
