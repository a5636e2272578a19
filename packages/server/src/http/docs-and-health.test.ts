import { describe, expect, it, onTestFinished, vi } from "vitest";
import { serveSamples } from "../../test/sample-routes.ts";
import { openApiOf } from "./description/openapi.ts";
import { healthRoutes } from "./health.routes.ts";
import { createHttp, type Route, type RouteRequest } from "./index.ts";

describe("the documentation", () => {
  it("describes every route, its schemas and its scope", async () => {
    const { http } = serveSamples();
    const openApi = (await http.inject({ url: "/openapi.json" })).json();
    expect(openApi.openapi).toBe("3.1.1");
    expect(Object.keys(openApi.paths).sort()).toEqual(
      [
        "/docs/api",
        "/healthz",
        "/openapi.json",
        "/readyz",
        "/v1/status",
        "/v1/things",
        "/v1/things/{id}",
        "/webhook/{source}",
      ].sort(),
    );
    const operation = openApi.paths["/v1/things/{id}"].get;
    expect(operation).toMatchObject({ "x-scope": "runs:read", security: [{ token: [] }] });
    expect(operation.parameters.map((p: { name: string; in: string }) => [p.name, p.in])).toEqual([
      ["id", "path"],
      ["limit", "query"],
    ]);
    const answer =
      openApi.paths["/v1/things"].post.responses["200"].content["application/json"].schema;
    expect(answer).toEqual({ $ref: "#/components/schemas/Thing" });
    const references = [...JSON.stringify(openApi).matchAll(/#\/components\/schemas\/(\w+)/g)];
    for (const [, name] of references)
      expect(openApi.components.schemas).toHaveProperty(name as string);
    expect(JSON.stringify(openApi)).not.toContain("$defs");
  });

  it("tells the headers that are asked for and answered, and how refusals look", () => {
    const list: Route = {
      method: "GET",
      path: "/v1/list",
      summary: "Lists.",
      scope: "runs:read",
      pagedBy: String,
      requestHeaders: { prefer: "how long" },
      responses: {
        200: { description: "A page" },
        404: { description: "Gone" },
        416: { description: "Behind the end", isEmpty: true },
      },
      handler: () => ({ body: [] }),
    };
    const { pagedBy: _, ...rest } = list;
    const make: Route = { ...rest, method: "POST", path: "/v1/made" };
    const { paths } = openApiOf([list, make], "1");
    const listed = paths["/v1/list"]?.["get"];
    expect(listed?.parameters.at(-1)).toMatchObject({
      name: "prefer",
      in: "header",
      required: false,
    });
    expect(Object.keys(listed?.responses["200"]?.headers ?? {})).toEqual(["link"]);
    const problem = { schema: { $ref: "#/components/schemas/Problem" } };
    expect(listed?.responses["404"]).toEqual({
      description: "Gone",
      content: { "application/problem+json": problem },
    });
    expect(listed?.responses["416"]).toEqual({ description: "Behind the end" });
    const made = paths["/v1/made"]?.["post"];
    expect(Object.keys(made?.responses["200"]?.headers ?? {})).toEqual(["idempotency-replayed"]);
  });

  it("is a page without foreign assets", async () => {
    const { http } = serveSamples();
    const response = await http.inject({ url: "/docs/api" });
    expect(response.headers["content-type"]).toContain("text/html");
    expect(response.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(response.body).toContain("/v1/things/{id}");
    expect(response.body).toContain('id="invalid_request"');
    expect(response.body).toContain("<code>idempotency-replayed</code>");
    expect(response.body).not.toMatch(/https?:\/\/|<script/);
  });
});

describe("health", () => {
  it("is open, and readiness says why not", async () => {
    const { http } = serveSamples();
    expect((await http.inject({ url: "/healthz" })).json()).toEqual({ status: "ok" });
    expect((await http.inject({ url: "/readyz" })).statusCode).toBe(200);
    expect((await http.inject({ method: "HEAD", url: "/healthz" })).statusCode).toBe(200);
    expect((await http.inject({ url: "/v1/status" })).statusCode).toBe(401);
  });

  it("is unready when the check does not answer in time, and looks no second time meanwhile", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let looks = 0;
    const ready = () => {
      looks++;
      return new Promise<never>(() => {});
    };
    const route = healthRoutes({ ready, status: ready }).find(({ path }) => path === "/readyz");
    const ask = async () => route?.handler({} as RouteRequest);
    const answers = [ask(), ask()];
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await Promise.all(answers)).toMatchObject(
      [1, 2].map(() => ({
        status: 503,
        body: { status: "unready", reason: "The database has not answered within 2 s" },
      })),
    );
    expect(looks).toBe(1);
  });

  it("is unready while the check fails", async () => {
    const http = createHttp({
      routes: [],
      authenticate: () => undefined,
      ready: () => Promise.reject(new Error("secret place")),
      status: () => Promise.reject(new Error("not asked")),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      version: "1",
    });
    const response = await http.inject({ url: "/readyz" });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({ status: "unready", reason: "The database does not answer" });
  });
});
