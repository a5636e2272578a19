import { expect, it } from "vitest";
import { z } from "zod";
import { serveRoutes } from "../../test/http.ts";
import type { Route } from "./route.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const thing: Route = {
  method: "GET",
  path: "/v1/things/{id}",
  summary: "One.",
  scope: "runs:read",
  query: z.looseObject({}),
  responses: { 200: { description: "One" } },
  handler: () => ({ body: {} }),
};
const MADE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const making: Route = {
  ...thing,
  path: "/v1/made",
  handler: () => ({ body: {}, traceparent: MADE }),
};

it("has the trace of what the request made in its line", async () => {
  const { http, logged } = serveRoutes([making], { isDebugging: true });
  await http.inject({ url: "/v1/made" });
  await http.inject({ url: "/v1/made", headers: { traceparent: TRACE } });
  const line = expect.objectContaining({ trace_id: MADE.slice(3, 35) });
  expect(logged.map(({ details }) => details)).toEqual([line, line]);
});

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
