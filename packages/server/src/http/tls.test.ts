import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, afterEach, expect, test } from "vitest";
import { hasOpenssl, makeCertificate } from "../../test/certificate.ts";
import { serveRoutes } from "../../test/http.ts";
import type { Http } from "./index.ts";
import { followTls } from "./tls.ts";

const openssl = hasOpenssl();
if (!openssl) console.log("skipped: no openssl on this machine, serving TLS was not tested");

const folder = mkdtempSync(join(tmpdir(), "yard-tls-"));
let http: Http | undefined;
afterEach(async () => {
  await http?.close();
  http = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ask(url: string, ca: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

function commonName(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: Number(new URL(url).port),
      host: "127.0.0.1",
      rejectUnauthorized: false,
    });
    socket.once("secureConnect", () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test.skipIf(!openssl)(
  "serves HTTPS with the certificate that is given, and nothing in clear",
  async () => {
    const tls = makeCertificate(folder);
    ({ http } = serveRoutes([], { tls }));
    const { url } = await http.listen("127.0.0.1", 0);
    expect(url).toMatch(/^https:/);
    expect(await ask(url, readFileSync(tls.certPath))).toBe(200);
    await expect(fetch(url.replace("https", "http"))).rejects.toThrow();
  },
);

test.skipIf(!openssl)(
  "takes a renewed certificate up while it serves, and keeps the old one where the new cannot be used",
  async () => {
    const tls = makeCertificate(folder, "before");
    const { http: served, logged } = serveRoutes([], { tls });
    http = served;
    const { url } = await http.listen("127.0.0.1", 0);
    const log = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (details: object, message: string) =>
        void logged.push({ level: "warn", details, message }),
    };
    const follower = followTls(http.server as Parameters<typeof followTls>[0], tls, { log });
    expect(await commonName(url)).toBe("before");
    makeCertificate(folder, "after");
    follower.look();
    expect(await commonName(url)).toBe("after");
    writeFileSync(tls.certPath, "half a file");
    follower.look();
    expect(await commonName(url)).toBe("after");
    expect(logged.filter(({ level }) => level === "warn")).toMatchObject([
      { message: expect.stringContaining("the one before stays") },
    ]);
    follower.stop();
  },
);

test.skipIf(!openssl)("refuses files that do not belong together, and says which", () => {
  const { certPath } = makeCertificate(folder);
  const certificate = readFileSync(certPath);
  const other = makeCertificate(folder);
  writeFileSync(other.certPath, certificate);
  expect(() => serveRoutes([], { tls: other })).toThrow(
    /YARD_TLS_CERT .*cert\.pem and YARD_TLS_KEY .*key\.pem cannot be used together/,
  );
});

test("refuses a file that is not there", () => {
  const tls = { certPath: "/nowhere/cert.pem", keyPath: "/nowhere/key.pem" };
  expect(() => serveRoutes([], { tls })).toThrow(
    "YARD_TLS_CERT: /nowhere/cert.pem cannot be read (ENOENT)",
  );
});

test("serves the given routes and nothing beside where it is bare", async () => {
  ({ http } = serveRoutes([], { isBare: true }));
  for (const url of ["/healthz", "/v1/status", "/docs", "/openapi.json"])
    expect((await http.inject({ url })).statusCode).toBe(404);
});
