import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import { readPageFiles, webRoutes } from "./index.ts";

const SCRIPT = "console.log('yard')";

/** A server with a small built page, or with none; nobody has a token. */
function serve({ isBuilt = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "yard-page-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (isBuilt) {
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), "<title>Yard</title>");
    writeFileSync(join(folder, "assets/index-abc.js"), SCRIPT);
    writeFileSync(join(folder, "assets/index-abc.js.br"), brotliCompressSync(SCRIPT));
  }
  const routes = webRoutes(readPageFiles(folder));
  return serveRoutes(routes, { authenticate: () => undefined }).http;
}

describe("the page", () => {
  it("is there without a token, at each of its addresses, with a policy that allows only its own files", async () => {
    const http = serve();
    for (const url of [
      "/",
      "/questions",
      "/?status=failed",
      "/runs/0197a1b2-0000-7000-8000-000000000001",
      "/events",
      "/events/0197a1b2-0000-7000-8000-000000000001",
      "/deliveries",
      "/rules",
      "/rules/examples.on-assign",
      "/tasks",
      "/tasks/house.nightly",
      "/nodes",
      "/nodes/alpha",
      "/queues",
      "/queues/lane",
      "/packs",
      "/packs/house",
    ]) {
      const response = await http.inject({ url });
      expect([response.statusCode, response.body]).toEqual([200, "<title>Yard</title>"]);
      expect(response.headers["content-type"]).toBe("text/html; charset=utf-8");
      const policy = String(response.headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'; script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
    }
  });

  it("is asked for anew each time, and sent again only when it has changed", async () => {
    const http = serve();
    const first = await http.inject({ url: "/" });
    expect(first.headers["cache-control"]).toBe("no-cache");
    const headers = { "if-none-match": String(first.headers.etag) };
    const again = await http.inject({ url: "/", headers });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    const other = await http.inject({ url: "/", headers: { "if-none-match": '"old"' } });
    expect(other.statusCode).toBe(200);
  });

  it("has parts that are kept for ever and come compressed where the browser can read that", async () => {
    const http = serve();
    const get = (encoding: string) =>
      http.inject({ url: "/assets/index-abc.js", headers: { "accept-encoding": encoding } });
    const plain = await get("identity");
    expect(plain.headers["cache-control"]).toContain("immutable");
    expect(plain.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect([plain.body, plain.headers["content-encoding"]]).toEqual([SCRIPT, undefined]);
    const compressed = await get("gzip, deflate, br;q=0.9");
    expect(compressed.headers).toMatchObject({ "content-encoding": "br", vary: "accept-encoding" });
    expect(brotliDecompressSync(compressed.rawPayload).toString()).toBe(SCRIPT);
    expect((await get("br;q=0, gzip")).body).toBe(SCRIPT);
  });

  it("gives no file that the build did not make", async () => {
    const http = serve();
    for (const url of ["/assets/x.js", "/assets/..%2Findex.html", "/assets/index-abc.js.br"])
      expect((await http.inject({ url })).statusCode).toBe(404);
  });

  it("says how it is made where it was not built", async () => {
    const response = await serve({ isBuilt: false }).inject({ url: "/" });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: "not_found", detail: /npm run build/ });
  });

  it("is no part of the API's description", async () => {
    const { paths } = (await serve().inject({ url: "/openapi.json" })).json();
    expect(Object.keys(paths)).not.toContain("/");
    expect(Object.keys(paths)).not.toContain("/assets/{file}");
  });
});
