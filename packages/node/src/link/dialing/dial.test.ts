import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import type { WrittenConfig } from "../../config/config.ts";
import { type FakeServer, startFakeServer } from "../testing/fake-server.ts";
import { configOf } from "../testing/linked.ts";
import { dial } from "./dial.ts";

const hasOpenssl = (() => {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
if (!hasOpenssl) console.log("skipped: no openssl on this machine, TLS of the node was not tested");

interface Certificate {
  readonly path: string;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly sha256: string;
}

/** A certificate that vouches for itself, for 127.0.0.1. */
function certificate(subject = "IP:127.0.0.1"): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "yard-node-"));
  const [path, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", "/CN=yard", "-addext", `subjectAltName=${subject}`];
  const files = ["-keyout", key, "-out", path];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...curve, ...names, ...files], {
    stdio: "ignore",
  });
  const cert = readFileSync(path);
  const sha256 = createHash("sha256").update(new X509Certificate(cert).raw).digest("hex");
  return { path, cert, key: readFileSync(key), sha256 };
}

async function secureServer({ cert, key }: Certificate, more = {}): Promise<FakeServer> {
  const server = await startFakeServer({ cert, key, ...more });
  onTestFinished(() => server.close());
  return server;
}

async function connectTo(
  server: string,
  config: Partial<WrittenConfig> = {},
  { env = {}, timeoutMs = 5_000 }: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<void> {
  const signal = new AbortController().signal;
  const socket = await dial(configOf(server, config), { env, signal, timeoutMs });
  socket.terminate();
}

test.skipIf(!hasOpenssl)("a certificate that nobody vouches for is refused", async () => {
  const server = await secureServer(certificate());
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(connectTo(server.url)).rejects.toThrow(/self-signed.*--ca-cert FILE.* ca_cert/);
  const other = connectTo(server.url, { ca_cert: certificate().path });
  await expect(other).rejects.toThrow("--ca-cert (ca_cert in node.json) is of another authority");
});

test.skipIf(!hasOpenssl)(
  "an authority of one's own is trusted, and the pin is checked on top",
  async () => {
    const own = certificate();
    const server = await secureServer(own);
    await connectTo(server.url, { ca_cert: own.path });
    await connectTo(server.url, { ca_cert: own.path, pin: own.sha256 });
    await connectTo(server.url, {
      ca_cert: own.path,
      pin: (own.sha256.toUpperCase().match(/../g) as string[]).join(":"),
    });
    const wrong = connectTo(server.url, { ca_cert: own.path, pin: "0".repeat(64) });
    await expect(wrong).rejects.toThrow(`not the pinned one (its SHA-256 is ${own.sha256})`);
    const pinned = connectTo(server.url, { pin: own.sha256 });
    await expect(pinned).rejects.toThrow(/--ca-cert FILE.*; the pin is checked on top/);
  },
);

test.skipIf(!hasOpenssl)("a certificate for another name is refused", async () => {
  const own = certificate("DNS:elsewhere.example");
  const server = await secureServer(own);
  await expect(connectTo(server.url, { ca_cert: own.path })).rejects.toThrow(/does not match/);
});

test.skipIf(!hasOpenssl)("TLS older than 1.2 is refused", async () => {
  const own = certificate();
  const old = {
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
  } as const;
  const server = await secureServer(own, old);
  await expect(connectTo(server.url, { ca_cert: own.path })).rejects.toThrow(/cannot be reached/);
});

/** A proxy that opens tunnels and remembers what it was asked for. */
async function startProxy(status = "200 fine") {
  const asked: string[] = [];
  const server = createTcpServer((client) => {
    client.on("error", () => {});
    client.once("data", (head) => {
      asked.push(head.toString());
      client.write(`HTTP/1.1 ${status}\r\nVia: test\r\n\r\n`);
      if (!status.startsWith("2")) return client.end();
      const [, host = "", port = ""] = /^CONNECT (.*):(\d+) /.exec(head.toString()) ?? [];
      const target: Socket = connect(Number(port), host);
      target.on("error", () => client.destroy());
      client.on("close", () => target.destroy());
      client.pipe(target).pipe(client);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return { asked, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a server is reached through a proxy, with its user and password", async () => {
  const server = await startFakeServer();
  onTestFinished(() => server.close());
  const { asked, host } = await startProxy();
  await connectTo(server.url, { proxy_url: `http://me:p%40s%@${host}` });
  const { host: target } = new URL(server.url);
  const basic = Buffer.from("me:p@s%").toString("base64");
  expect(asked).toEqual([
    `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`,
  ]);
});

test.skipIf(!hasOpenssl)(
  "TLS goes through the tunnel to the server, whose certificate is checked",
  async () => {
    const own = certificate();
    const server = await secureServer(own);
    const { asked, host } = await startProxy();
    await connectTo(server.url, {
      ca_cert: own.path,
      pin: own.sha256,
      proxy_url: `http://${host}`,
    });
    expect(asked).toHaveLength(1);
    await expect(connectTo(server.url, { proxy_url: `http://${host}` })).rejects.toThrow(
      /self-signed/,
    );
  },
);

test("a proxy that refuses is named, its password is not", async () => {
  const { host } = await startProxy("407 Proxy Authentication Required");
  const refused = connectTo("ws://localhost:9", { proxy_url: `http://me:secret@${host}` });
  await expect(refused).rejects.toThrow(
    `through the proxy ${host}: the proxy wants another user or password (HTTP/1.1 407`,
  );
  await expect(refused).rejects.not.toThrow("secret");
});

test("of what goes wrong before the tunnel stands the proxy is told, and no advice about the server", async () => {
  const silent = createTcpServer();
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  onTestFinished(() => void silent.close());
  const proxy_url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await expect(connectTo("wss://a.example", { proxy_url }, { timeoutMs: 50 })).rejects.toThrow(
    /^wss:\/\/a.example cannot be reached through the proxy 127.0.0.1:\d+: the proxy does not answer$/,
  );
  const { host } = await startProxy();
  const secure = connectTo("wss://a.example", { proxy_url: `https://${host}` });
  await expect(secure).rejects.toThrow(
    `the proxy cannot be reached: what answers there speaks no TLS; write http://${host},`,
  );
});

async function httpServer(
  answer: (request: IncomingMessage, socket: Socket) => void,
): Promise<string> {
  const server: Server = createServer();
  server.on("upgrade", (request, socket) => answer(request, socket as Socket));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a redirect is not followed", async () => {
  const elsewhere = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => elsewhere.close());
  let visits = 0;
  elsewhere.on("connection", () => visits++);
  const url = await httpServer((_, socket) => {
    const { port } = elsewhere.address() as AddressInfo;
    socket.end(
      `HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:${port}/\r\nContent-Length: 0\r\n\r\n`,
    );
  });
  await expect(connectTo(url)).rejects.toThrow(/302 Found and leads to ws:.*not followed/);
  expect(visits).toBe(0);
});

test.each([
  ["text/plain", "it answers 403 Forbidden: only by [7mwss", "only by\u001b[7mwss\n"],
  ["text/html", "it answers 403 Forbidden where a WebSocket belongs", "<p>only by wss"],
  ["text/plain", `it answers 403 Forbidden: ${"x".repeat(300)}`, "x".repeat(100_000)],
])("what refuses the link has its say: %s, %s", async (type, said, body) => {
  const url = await httpServer((_, socket) => {
    socket.on("error", () => {});
    socket.write(
      `HTTP/1.1 403 Forbidden\r\nContent-Type: ${type}\r\nContent-Length: 999999\r\n\r\n`,
    );
    socket.end(body);
  });
  await expect(connectTo(url)).rejects.toThrow(said);
});

test("a server that does not answer is given up in time, and one that is not there at once", async () => {
  const silent = await httpServer(() => {});
  await expect(connectTo(silent, {}, { timeoutMs: 50 })).rejects.toThrow(/no answer within 0.05 s/);
  await expect(connectTo("ws://127.0.0.1:1")).rejects.toThrow(
    "ws://127.0.0.1:1 cannot be reached: nothing listens on 127.0.0.1 port 1; start it, or correct the address (ECONNREFUSED)",
  );
});

test("a server that speaks no TLS is told as one, with the address to write", async () => {
  const plain = (await httpServer(() => {})).replace("ws:", "wss:");
  await expect(connectTo(plain)).rejects.toThrow(/speaks no TLS; write ws:\/\/127.0.0.1:\d+, or/);
});

test("the upgrade offers no compression, no subprotocol and no credential", async () => {
  const headers: string[] = [];
  const url = await httpServer((request, socket) => {
    headers.push(...Object.keys(request.headers), String(request.url));
    socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  });
  await expect(connectTo(url)).rejects.toThrow(/404/);
  const asked = ["connection", "host", "sec-websocket-key", "sec-websocket-version", "upgrade"];
  expect(headers.sort()).toEqual(["/ws/nodes", ...asked]);
});

test("a dial that is called off ends at once", async () => {
  const silent = await httpServer(() => {});
  const stop = new AbortController();
  const dialling = dial(configOf(silent), { env: {}, signal: stop.signal });
  stop.abort(new Error("called off"));
  await expect(dialling).rejects.toThrow("called off");
});
