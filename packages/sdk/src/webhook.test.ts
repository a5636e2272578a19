import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { sendJson, serve } from "./testing/serve.ts";
import { sendWebhook } from "./webhook.ts";

const KEY = Buffer.from("a key of twenty-four bytes or more");
const SECRET = `whsec_${KEY.toString("base64")}`;

test("signs what it posts by Standard Webhooks, without a token", async () => {
  const url = await serve(async (request, response) => {
    let text = "";
    for await (const piece of request) text += String(piece);
    const id = String(request.headers["webhook-id"]);
    const content = `${id}.${String(request.headers["webhook-timestamp"])}.${text}`;
    const signature = createHmac("sha256", KEY).update(content).digest("base64");
    expect([request.method, request.url, id]).toEqual(["POST", "/yard/webhook/shop", "order-7"]);
    expect(request.headers["webhook-signature"]).toBe(`v1,${signature}`);
    expect(request.headers.authorization).toBeUndefined();
    sendJson(response, { status: "success", type: "generic.shop.order" });
  });
  const reply = await sendWebhook(
    { type: "shop.order", who: "Zoë" },
    { url: `${url}/yard/webhook/shop`, secret: SECRET, id: "order-7" },
  );
  expect(reply.type).toBe("generic.shop.order");
});

test("refuses a secret that is none, and does not show it", async () => {
  const sent = sendWebhook({}, { url: "http://127.0.0.1:9/webhook/shop", secret: "hunter2" });
  await expect(sent).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.not.stringContaining("hunter2"),
  });
});
