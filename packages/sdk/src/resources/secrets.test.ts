import { expect, test } from "vitest";
import { createClient } from "../client.ts";
import { sendJson, serve } from "../testing/serve.ts";

test("lists, gets, sets, changes and removes secrets, whatever their names hold", async () => {
  const asked: string[] = [];
  const url = await serve((request, response, number) => {
    asked.push(`${request.method} ${request.url}`);
    sendJson(response, number === 0 ? [{ name: "token" }] : {});
  });
  const { secrets } = createClient({ url });
  for await (const { name } of secrets.list()) expect(name).toBe("token");
  await secrets.get("to/ken");
  await secrets.set("token", { value: "x" });
  await secrets.change("token", { packs: null });
  await secrets.remove("token");
  expect(asked).toEqual([
    "GET /v1/secrets?limit=200",
    "GET /v1/secrets/to%2Fken",
    "PUT /v1/secrets/token",
    "PATCH /v1/secrets/token",
    "DELETE /v1/secrets/token",
  ]);
});
