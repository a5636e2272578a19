// A fastify route that reads the raw body and checks its HMAC, and nothing else. Prints its port.
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import Fastify from "fastify";

const key = createSecretKey(process.env.BENCH_WEBHOOK_SECRET, "utf8");

function isSigned(given, body) {
  if (given?.length !== 71 || !given.startsWith("sha256=")) return false;
  const expected = createHmac("sha256", key).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(given.slice(7), "hex"));
}

const app = Fastify({ logger: false, bodyLimit: 25 * 2 ** 20 });
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.post("/webhook/bench", async (request, reply) => {
  if (isSigned(request.headers["x-hub-signature-256"], request.body)) return { status: "success" };
  return reply.code(401).send({ status: "refused" });
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(app.server.address().port);
