import { expect, it } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import type { Route } from "./route.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const thing: Route = {
  method: "GET",
  path: "/v1/things/{id}",
  summary: "One.",
  scope: "runs:read",
  responses: { 200: { description: "One" } },
  handler: () => ({ body: {} }),
};

it("leaves a line for each request at level debug: ids, path, status, time and who; no query, no header", async () => {
  const { http, logged } = serveRoutes([thing], { isDebugging: true });
  await http.inject({
    url: "/v1/things/7?token=yard_hidden",
    headers: { authorization: "Bearer hidden", traceparent: TRACE, "x-request-id": "r-9" },
  });
  await http.inject({ url: "/astray" });
  const lines = logged.filter(({ level }) => level === "debug");
  expect(lines.map(({ details }) => details)).toEqual([
    {
      request_id: "r-9",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      method: "GET",
      path: "/v1/things/7",
      status: 200,
      duration_ms: expect.any(Number),
      by: "one",
    },
    expect.objectContaining({ path: "/astray", status: 404, trace_id: undefined, by: undefined }),
  ]);
  expect(JSON.stringify(logged)).not.toContain("hidden");
});
