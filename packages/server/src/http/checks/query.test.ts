import { expect, it } from "vitest";
import { z } from "zod";
import { serveSamples, TOKEN } from "../../../test/sample-routes.ts";
import { everyRoute } from "../../reference/every-route.ts";
import type { Route } from "../index.ts";
import { queryOf } from "./query.ts";

const NAMES = ["c", "a", "e", "b", "d"];

const list: Route = {
  method: "GET",
  path: "/v1/names",
  summary: "Names.",
  scope: "runs:read",
  pagedBy: (name) => String(name),
  responses: { 200: { description: "Names", schema: z.array(z.string()) } },
  handler: () => ({ body: NAMES }),
};

const params = z.strictObject({ name: z.string() });
const named: Route<{ params: typeof params }> = {
  method: "GET",
  path: "/v1/names/{name}",
  summary: "A name.",
  scope: "runs:read",
  params,
  responses: { 200: { description: "The name" } },
  handler: (request) => ({ body: request.params }),
};

function asker() {
  const { http } = serveSamples([list]);
  return (url: string) => http.inject({ url, headers: TOKEN });
}

it("gives a list that is whole in memory in pages, in the order of its keys", async () => {
  const ask = asker();
  const pages: unknown[] = [];
  let url: string | undefined = "/v1/names?limit=2";
  while (url !== undefined) {
    const { body, headers } = await ask(url);
    pages.push(JSON.parse(body));
    url = /<([^>]+)>; rel="next"/.exec(String(headers["link"]))?.[1];
  }
  expect(pages).toEqual([["a", "b"], ["c", "d"], ["e"]]);
});

it("goes on behind an item that is gone since", async () => {
  expect((await asker()("/v1/names?cursor=bb")).json()).toEqual(["c", "d", "e"]);
});

it.each([
  ["/v1/names?limt=2", "/limt", "Did you mean limit?"],
  ["/v1/things/01890a5d-ac96-774b-bcce-b302099a8057?limits=2", "/limits", "Did you mean limit?"],
])("refuses what a query does not know, with the nearest name: %s", async (url, path, hint) => {
  expect((await asker()(url)).json()).toMatchObject({ status: 400, errors: [{ path, hint }] });
});

it.each([
  ["/v1/names?cursor=a%00b", 400, "/cursor"],
  ["/v1/names/a%00b", 404, "/name"],
])("refuses a NUL, which PostgreSQL takes in no text: %s", async (url, status, path) => {
  const { http } = serveSamples([list, named]);
  const answer = await http.inject({ url, headers: TOKEN });
  const message = expect.stringContaining("holds a NUL");
  expect(answer.json()).toMatchObject({ status, errors: [{ path, message }] });
});

it("checks the query of every route that needs a token", () => {
  for (const route of everyRoute()) {
    if (route.scope === "open" && route.query === undefined) continue;
    const result = queryOf(route)?.safeParse({ no_such_key: "1" });
    expect(result?.error?.issues, `${route.method} ${route.path}`).toContainEqual(
      expect.objectContaining({ code: "unrecognized_keys", keys: ["no_such_key"] }),
    );
  }
});

it("leaves the query of open routes to those who ask", async () => {
  expect((await asker()("/healthz?t=1")).statusCode).toBe(200);
});
