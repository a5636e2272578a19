import { fileURLToPath } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";
import { ERRORS, SCOPES } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { queryOf } from "../http/checks/query.ts";
import { openApiOf } from "../http/index.ts";
import { everyRoute } from "./every-route.ts";
import { referencePages } from "./index.ts";

const FOLDER = new URL("../../../../docs/reference/", import.meta.url);

describe("the reference", () => {
  it.each(Object.entries(referencePages()))(
    "docs/reference/%s says what the code says (node scripts/reference.mjs writes it anew)",
    async (file, page) => {
      await expect(page).toMatchFileSnapshot(fileURLToPath(new URL(file, FOLDER)));
    },
  );
});

/** What is open to everybody; a route that is open and not here was forgotten. */
const OPEN = [
  "GET /healthz",
  "GET /readyz",
  "GET /docs/api",
  "GET /openapi.json",
  "GET /schemas/{kind}.json",
  "POST /v1/nodes/pair",
  "POST /webhook/{source}",
];

/** Scopes that change something by another word: what is done to a node is its own to answer for, and a task is made, changed and run by different people. */
const DOING = [
  "inquiries:answer",
  "nodes:exec",
  "nodes:files",
  "tasks:create",
  "tasks:update",
  "tasks:delete",
  "tasks:run",
];

/** They ask with a body, and change nothing. */
const ONLY_ASKING = ["/v1/rules/test", "/v1/tasks/preview", "/v1/trackers/{name}/check"];

describe("every route", () => {
  const routes = everyRoute();

  it("names the scope that it needs, or is one of the few that are open", () => {
    const open = routes.filter(({ scope }) => scope === "open");
    expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(OPEN.toSorted());
    for (const { scope } of routes)
      if (scope !== "open" && scope !== "any") expect(SCOPES).toContain(scope);
  });

  it("that takes any token is one that asks others in its name", () => {
    const any = routes.filter(({ scope }) => scope === "any");
    expect([...new Set(any.map(({ path }) => path))]).toEqual(["/mcp"]);
  });

  it("needs a scope that changes where it changes something", () => {
    const changing = routes.filter(
      ({ method, path, scope }) =>
        method !== "GET" && scope !== "open" && scope !== "any" && !ONLY_ASKING.includes(path),
    );
    const weak = changing.filter(
      ({ scope }) => !scope.endsWith(":write") && scope !== "admin" && !DOING.includes(scope),
    );
    expect(weak.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it("leaves no scope without a route", () => {
    const used = new Set<string>(routes.map(({ scope }) => scope));
    expect(SCOPES.filter((scope) => !used.has(scope))).toEqual([]);
  });

  it("keeps its answer to a POST for its Idempotency-Key, but where that would show a secret or nothing is changed", () => {
    const of = (kind: string) =>
      routes.filter(({ idempotency }) => idempotency === kind).map(({ path }) => path);
    expect(of("shown_once").toSorted()).toEqual([
      "/v1/nodes",
      "/v1/nodes/{name}/rotate",
      "/v1/tokens",
    ]);
    expect(of("harmless").toSorted()).toEqual([
      ...["/mcp", "/v1/nodes/{name}/read", ...ONLY_ASKING],
    ]);
    const others = routes.filter(({ method, idempotency }) => method !== "POST" && idempotency);
    expect(others.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it("that lists goes by pages", () => {
    const lists = routes.filter(
      ({ method, responses }) => method === "GET" && responses[200]?.schema instanceof z.ZodArray,
    );
    expect(lists.length).toBeGreaterThan(10);
    const whole = lists.filter((route) => queryOf(route)?.safeParse({ limit: 1 }).success !== true);
    expect(whole.map(({ path }) => path)).toEqual([]);
  });

  it("stands once", () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe("the OpenAPI document", () => {
  const document = openApiOf(everyRoute(), "1.2.3");

  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(
      JSON.parse(JSON.stringify(document)) as Record<string, unknown>,
    );
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(validator.version).toBe("3.1");
  });

  it("has every route, and points to no schema that is not there", () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.toSorted()).toEqual(
      everyRoute()
        .map(({ method, path }) => `${method} ${path}`)
        .toSorted(),
    );
    const known = Object.keys(document.components.schemas);
    const pointed = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
    for (const [, name] of pointed) expect(known).toContain(name);
  });

  it("has every error code in the schema that all refusals have", () => {
    const problem = document.components.schemas["Problem"] as {
      properties: { code: { enum: string[] } };
    };
    expect(problem.properties.code.enum.toSorted()).toEqual(Object.keys(ERRORS).toSorted());
    for (const methods of Object.values(document.paths))
      for (const { responses } of Object.values(methods))
        expect(responses["default"]?.content).toHaveProperty(["application/problem+json"]);
  });
});
