import { execFileSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorOf, outputOf } from "../attempt.fixture.ts";
import { client, listen, serve } from "./http.fixture.ts";

test("a server that never answers is broken off at the step's timeout", async () => {
  const { origin } = await serve(() => {});
  const result = await client().send({ url: origin }, { timeoutMs: 80 });
  expect(result).toMatchObject({ status: "timed_out", error: { details: { timeout_ms: 80 } } });
});

test("a body that stops in its middle is broken off at the step's timeout", async () => {
  const { origin } = await serve((_request, response) => void response.write("half"));
  const result = await client().send({ url: origin }, { timeoutMs: 80 });
  expect(result.status).toBe("timed_out");
});

test("a cancel breaks the request off, and the server sees it end", async () => {
  const { send, abort } = client();
  const closed = new EventEmitter();
  const { origin } = await serve((request) => {
    request.socket.once("close", () => closed.emit("close"));
    abort.abort("cancel");
  });
  const [result] = await Promise.all([send({ url: origin }), once(closed, "close")]);
  expect(result).toMatchObject({ status: "canceled" });
});

test("a lost lease, and one that is lost before the start, send nothing more", async () => {
  const { origin, asked } = await serve(() => {});
  const { send, abort } = client();
  abort.abort("lease_lost");
  expect(await send({ url: origin })).toMatchObject({ status: "canceled" });
  expect(asked).toEqual([]);
});

test("a host that takes no connection fails in the time for connecting, not in that of the step", async () => {
  const { send } = client({
    connectTimeoutMs: 60,
    resolve: () => {}, // As a name server that does not answer.
  });
  const error = errorOf(await send({ url: "http://silent.test/" }));
  expect(error).toMatchObject({ code: "http_failed", details: { error: "connect_timeout" } });
  expect(error.message).toContain("no connection within 0.06 s");
});

test("what goes wrong on the way is told with its cause, without path or query", async () => {
  const { port, server } = await serve((request) => request.socket.destroy());
  const { send } = client();
  const url = `http://127.0.0.1:${port}/path-token?query-token`;
  const reset = errorOf(await send({ url }));
  expect(reset).toMatchObject({ code: "http_failed", details: { error: "ECONNRESET" } });
  server.close();
  const refused = errorOf(await send({ url }));
  expect(refused).toMatchObject({ code: "http_failed", details: { error: "ECONNREFUSED" } });
  expect(refused.message).toContain("nobody listens there");
  expect(JSON.stringify([reset, refused])).not.toContain("-token");
});

test("what speaks no TLS is told as that", async () => {
  const { port } = await serve((_, response) => response.end());
  const { send } = client();
  expect(errorOf(await send({ url: `https://127.0.0.1:${port}/` })).message).toContain(
    "speaks no TLS: is it http://?",
  );
});

test("what is no HTTP is told as that", async () => {
  const server = createTcpServer((socket) => socket.end("SSH-2.0-OpenSSH_9.0\r\n"));
  const { port } = await listen(server);
  const error = errorOf(await client().send({ url: `http://127.0.0.1:${port}/` }));
  expect(error).toMatchObject({ code: "http_failed" });
  expect(error.message).toContain("HPE_");
});

test("connections are kept for the next request to the same origin", async () => {
  const sockets = new Set<Socket>();
  const { origin } = await serve((request, response) => {
    sockets.add(request.socket);
    response.end("{}");
  });
  const { send } = client();
  for (let i = 0; i < 3; i++) await send({ url: origin });
  expect(sockets.size).toBe(1);
});

test("a kept connection that the server has closed meanwhile is replaced, but not for a POST", async () => {
  let answered = 0;
  const server = createTcpServer((socket) => {
    // The first request is answered, the second on the same connection meets its end.
    socket.once("data", () => {
      answered++;
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      socket.once("data", () => socket.resetAndDestroy());
    });
    socket.on("error", () => {});
  });
  const { port } = await listen(server);
  const { send } = client();
  const url = `http://127.0.0.1:${port}/`;
  await send({ url });
  expect(outputOf(await send({ url }))).toMatchObject({ status: 200 });
  expect(answered).toBe(2);
  expect(errorOf(await send({ url, method: "POST" })).details).toEqual({ error: "ECONNRESET" });
});

const openssl = hasOpenssl();
if (!openssl)
  console.log("skipped: no openssl on this machine, refusing a certificate was not tested");

test.skipIf(!openssl)("a certificate that nobody vouches for is refused", async () => {
  const { send, root } = client();
  const [key, cert] = [join(root, "key.pem"), join(root, "cert.pem")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execFileSync("openssl", [...made, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const answered: string[] = [];
  const server = createTlsServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (request, response) => {
      answered.push(request.url ?? "");
      response.end();
    },
  );
  const { port } = await listen(server);
  const error = errorOf(await send({ url: `https://127.0.0.1:${port}/` }));
  expect(error).toMatchObject({
    code: "http_failed",
    details: { error: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    message: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
  });
  expect(answered).toEqual([]);
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
