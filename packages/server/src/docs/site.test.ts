import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import { siteRoutes } from "./index.ts";

/** A server with a small site beside a file that is no part of it; nobody has a token. */
function serve({ isBuilt = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "yard-docs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const site = join(folder, "site");
  if (isBuilt) {
    mkdirSync(join(site, "how-to"), { recursive: true });
    writeFileSync(join(site, "index.html"), "<h1>Home</h1>");
    writeFileSync(join(site, "site.js"), "yard()");
    writeFileSync(join(site, "how-to/webhooks.html"), "<h1>Webhooks</h1>");
  }
  writeFileSync(join(folder, "secret.html"), "secret");
  return serveRoutes(siteRoutes(site), { authenticate: () => undefined }).http;
}

test("the docs are there without a token, with a policy that allows only their own files", async () => {
  const http = serve();
  const home = await http.inject({ url: "/docs/" });
  expect([home.statusCode, home.body]).toEqual([200, "<h1>Home</h1>"]);
  expect(home.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'/);
  expect(home.headers["content-security-policy"]).not.toContain("unsafe");
  const nested = await http.inject({ url: "/docs/how-to/webhooks.html" });
  expect(nested.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(nested.body).toBe("<h1>Webhooks</h1>");
  const script = await http.inject({ url: "/docs/site.js" });
  expect(script.headers["content-type"]).toBe("text/javascript; charset=utf-8");
});

test("/docs leads to the folder, for the addresses of the site are relative", async () => {
  const response = await serve().inject({ url: "/docs" });
  expect([response.statusCode, response.headers.location]).toEqual([307, "/docs/"]);
});

test("the page of the API stands beside them, and takes their place where they are not built", async () => {
  const api = await serve().inject({ url: "/docs/api" });
  expect(api.statusCode).toBe(200);
  expect(api.body).toContain("/openapi.json");
  const response = await serve({ isBuilt: false }).inject({ url: "/docs/" });
  expect([response.statusCode, response.headers.location]).toEqual([307, "/docs/api"]);
});

test.each([
  "/docs/none.html",
  "/docs/..%2Fsecret.html",
  "/docs/how-to/..%2F..%2Fsecret.html",
  "/docs/%2e%2e/secret.html",
  "/docs/how-to/.hidden.html",
  "/docs/how-to",
])("%s is not found", async (url) => {
  const response = await serve().inject({ url });
  expect(response.statusCode).toBe(404);
  expect(response.body).not.toContain("<h1>");
});
