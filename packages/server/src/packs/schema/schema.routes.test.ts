import { checkJsonSchema, SCHEMA_KINDS } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { serveRoutes } from "../../../test/http.ts";
import { schemaRoutes } from "./schema.routes.ts";

const serve = () => serveRoutes(schemaRoutes(), { authenticate: () => undefined }).http;

test("the schema of each kind of file is there without a token", async () => {
  const http = serve();
  for (const kind of SCHEMA_KINDS) {
    const response = await http.inject({ url: `/schemas/${kind}.json` });
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toContain("application/schema+json");
    expect(response.json().properties[kind].description).toMatch(/name/);
    expect(checkJsonSchema(response.json())).toEqual([]);
  }
});

test("another kind is not found, with the kinds that there are", async () => {
  const response = await serve().inject({ url: "/schemas/pipeline.json" });
  expect(response.statusCode).toBe(404);
  expect(response.body).toContain("workflow");
});
