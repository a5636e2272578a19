import { expect, test } from "vitest";
import { createClient } from "../client.ts";
import { problem, sendJson, serve } from "../testing/serve.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";

test("lists, gets, explains and answers questions", async () => {
  const asked: string[] = [];
  const keys: unknown[] = [];
  const url = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === "POST") keys.push(request.headers["idempotency-key"]);
    sendJson(response, request.url?.startsWith("/v1/inquiries?") ? [{ id: ID }] : { id: ID });
  });
  const { inquiries } = createClient({ url });
  for await (const { id } of inquiries.list({ status: "open", assigned_to: "ann" }))
    expect(id).toBe(ID);
  await inquiries.get(ID);
  await inquiries.explain(ID);
  await inquiries.answer(ID, { ok: true });
  await inquiries.answer(ID, { ok: true }, { idempotencyKey: "one" });
  expect(asked).toEqual([
    "GET /v1/inquiries?status=open&assigned_to=ann&limit=200",
    `GET /v1/inquiries/${ID}`,
    `GET /v1/inquiries/${ID}/explain`,
    `POST /v1/inquiries/${ID}/answer`,
    `POST /v1/inquiries/${ID}/answer`,
  ]);
  expect(keys).toEqual([expect.stringMatching(/^.{16,}$/), "one"]);
});

test("says who was first where a question is answered already", async () => {
  const url = await serve((_, response) =>
    sendJson(response, problem(409, "conflict", "it was answered by token:bob"), { status: 409 }),
  );
  await expect(createClient({ url }).inquiries.answer(ID, {})).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("token:bob"),
  });
});
