import { once } from "node:events";
import { connect } from "node:net";
import { AppError } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { post, serveSamples, TOKEN, throwing } from "../../test/sample-routes.ts";

describe("a wrong request", () => {
  it("is told every wrong field with a pointer, what was expected, and the likely slip", async () => {
    const { http } = serveSamples();
    const response = await post(
      http,
      '{"rf":"a","kind":"pusj","nested":[{"mesage":"x","message":1}],"secret":"short"}',
    );
    expect(response.statusCode).toBe(400);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    expect(response.headers["x-content-type-options"]).toBe("nosniff");
    const problem = response.json();
    expect(problem).toMatchObject({
      code: "invalid_request",
      status: 400,
      request_id: expect.any(String),
    });
    expect(problem.type).toBe("/docs/api#invalid_request");
    const byPath = new Map(problem.errors.map((error: { path: string }) => [error.path, error]));
    expect(byPath.get("/ref")).toMatchObject({ message: "is needed", got: "nothing" });
    expect(byPath.get("/rf")).toMatchObject({ hint: "Did you mean ref?" });
    expect(byPath.get("/kind")).toMatchObject({
      got: '"pusj"',
      expected: "push, pull",
      hint: "Did you mean push?",
    });
    expect(byPath.get("/nested/0/mesage")).toMatchObject({ hint: "Did you mean message?" });
    expect(byPath.get("/nested/0/message")).toMatchObject({ expected: "string", got: "1" });
    expect(byPath.get("/secret")).toMatchObject({ got: "string" });
    expect(response.body).not.toContain("short");
  });

  it("with broken JSON is told line and column", async () => {
    const { http } = serveSamples();
    const response = await post(http, '{\n  "ref": "a",\n  "input": }');
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: "invalid_json", errors: [{ path: "3:12" }] });
    expect(response.json().detail).toContain("Line 3, column 12");
  });

  it.each([
    ['{"ref":"a\\u0000"}', "invalid_request", "/ref"],
    ['{"ref":"a","input":["\\ud800"]}', "invalid_request", "/input/0"],
    ['{"ref":"a","input":{"\\u005f_proto__":{}}}', "invalid_request", "/input"],
    ['{"ref":"a","input":1e400}', "invalid_json", "1:20"],
    ['{"ref":"a","input":[-1,\n-12345678901234567890]}', "invalid_json", "2:1"],
    ['{"ref":"a",\n"input":{"a":{}, "\\u0061":1}}', "invalid_json", "2:18"],
    [`{"ref":"a","input":${"[".repeat(300)}${"]".repeat(300)}}`, "invalid_request", "/input/0"],
  ])("that could not be stored is refused: %.40s", async (payload, code, path) => {
    const { http } = serveSamples();
    const response = await post(http, payload);
    expect(response.statusCode).toBe(400);
    expect(response.json().code).toBe(code);
    expect(response.json().errors[0].path).toMatch(new RegExp(`^${path}`));
  });

  it("takes escapes, pairs of surrogates and many brackets for what they are", async () => {
    const { http } = serveSamples();
    const ref = `\\ud83d\\ude00${"[".repeat(600)}`;
    expect((await post(http, `{"ref":"${ref}"}`)).statusCode).toBe(200);
  });

  it("that is not UTF-8 is refused", async () => {
    const { http } = serveSamples();
    const response = await post(http, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]));
    expect(response.json()).toMatchObject({ code: "invalid_json" });
  });

  it("that is too large is told the limit", async () => {
    const { http } = serveSamples();
    const response = await post(http, JSON.stringify({ ref: "x".repeat(70_000) }));
    expect(response.statusCode).toBe(413);
    expect(response.json()).toMatchObject({ code: "too_large" });
    expect(response.json().detail).toContain("65536 bytes");
  });

  it("that is too large for a limit of the settings is told which sets it", async () => {
    const { http } = serveSamples();
    const large = await http.inject({
      method: "POST",
      url: "/webhook/gitea",
      payload: "x".repeat(1025),
    });
    expect(large.json().detail).toContain("1024 bytes");
    expect(large.json().detail).toMatch(/YARD_MAX_WEBHOOK_BODY sets it$/);
    expect((await post(http, "x".repeat(70_000))).json().detail).not.toContain("YARD_");
  });

  it.each([
    [{ "content-type": "text/plain" }, '"text/plain"'],
    [{ "content-type": "application/json", "content-encoding": "gzip" }, "Compressed"],
  ])("in a form that is not read gets 415: %o", async (headers, text) => {
    const { http } = serveSamples();
    const response = await post(http, '{"ref":"a"}', headers);
    expect(response.statusCode).toBe(415);
    expect(response.json()).toMatchObject({ code: "unsupported_media_type" });
    expect(response.json().detail).toContain(text);
  });

  it("to a path that is not there gets a hint, and one with another method 405 with what is allowed", async () => {
    const { http } = serveSamples();
    const missing = await http.inject({ url: "/v1/thing" });
    expect(missing.statusCode).toBe(404);
    expect(missing.json()).toMatchObject({
      code: "not_found",
      errors: [{ hint: "Did you mean /v1/things?" }],
    });
    const wrong = await http.inject({ method: "DELETE", url: "/v1/things" });
    expect(wrong.statusCode).toBe(405);
    expect(wrong.headers["allow"]).toBe("POST");
    expect(wrong.json()).toMatchObject({ code: "method_not_allowed" });
  });

  it("with a path parameter that can be none is not found", async () => {
    const { http } = serveSamples();
    const response = await http.inject({ url: "/v1/things/7", headers: TOKEN });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: "not_found", errors: [{ path: "/id" }] });
  });

  it("without HTTP in it is answered and cut", async () => {
    const { http } = serveSamples();
    const { url } = await http.listen("127.0.0.1", 0);
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () =>
      socket.write("hello there\r\n\r\n"),
    );
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    await once(socket, "close");
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('"code":"invalid_request"');
    await http.close();
  });
});

describe("what breaks inside", () => {
  it("is logged once with the request id and tells the client nothing else", async () => {
    const { http, logged } = serveSamples([
      throwing("/v1/broken", new Error("password is hunter2")),
    ]);
    const response = await http.inject({ url: "/v1/broken" });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain("hunter2");
    const problem = response.json();
    expect(problem).toMatchObject({ code: "internal" });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({
      level: "error",
      details: { request_id: problem.request_id },
    });
  });

  it("for want of the database is 503 with Retry-After and no error in the log", async () => {
    const lost = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const { http, logged } = serveSamples([throwing("/v1/broken", lost)]);
    const response = await http.inject({ url: "/v1/broken" });
    expect(response.statusCode).toBe(503);
    expect(response.headers["retry-after"]).toBe("1");
    expect(response.json()).toMatchObject({ code: "unavailable" });
    expect(logged.map(({ level }) => level)).toEqual(["warn"]);
  });

  it("is no fault of ours where a feature says what was wrong", async () => {
    const { http, logged } = serveSamples([
      throwing("/v1/broken", new AppError("conflict", "There is one")),
    ]);
    const response = await http.inject({ url: "/v1/broken" });
    expect(response.json()).toMatchObject({
      status: 409,
      code: "conflict",
      detail: "There is one",
    });
    expect(logged).toEqual([]);
  });
});
