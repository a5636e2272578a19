import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uuidV7 } from "@yardmaster/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import { testKeptAnswers } from "../../test/kept-answers.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { createAuth, ensureAdminToken, tokenRoutes } from "./index.ts";
import { bearerToken } from "./token-text.ts";

const newId = () => uuidV7(Date.now(), randomBytes(10));

describe("auth", () => {
  let db: TestDatabase;
  const folders: string[] = [];
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  beforeEach(async () => {
    await db.database.pool.query("DELETE FROM tokens");
  });
  afterAll(async () => {
    await db?.drop();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  it("hashes no header that is longer than a token can be", () => {
    const token = "x".repeat(512);
    expect(bearerToken(`Bearer ${token}`)).toBe(token);
    expect(bearerToken(`Bearer ${token}x`)).toBeUndefined();
  });

  async function setup() {
    const { database } = db;
    const dataFolder = mkdtempSync(join(tmpdir(), "yard-auth-"));
    folders.push(dataFolder);
    const deps = { database, newId, random: randomBytes, dataFolder };
    const auth = await createAuth(deps);
    onTestFinished(auth.close);
    const { http } = serveRoutes(tokenRoutes(auth), {
      authenticate: auth.authenticate,
      keptAnswers: testKeptAnswers(database.pool),
    });
    return {
      auth,
      http,
      deps,
      ensure: (configured?: string) => ensureAdminToken(deps, configured),
    };
  }

  const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token}` });

  describe("the admin token", () => {
    it("is made at the first start, kept for its owner alone, and stays", async () => {
      const { ensure, auth } = await setup();
      const first = await ensure();
      expect(first).toMatchObject({
        created: true,
        token: expect.stringMatching(/^yard_[\w-]{43}$/),
      });
      expect(readFileSync(first.path, "utf8").trim()).toBe(first.token);
      expect(statSync(first.path).mode & 0o777).toBe(0o600);
      expect(await ensure()).toEqual({ ...first, created: false });
      expect(await auth.authenticate(`Bearer ${first.token}`)).toMatchObject({
        name: "admin",
        scopes: ["admin"],
      });
    });

    it("is stored as a hash only", async () => {
      const { ensure } = await setup();
      const { token } = await ensure();
      const { rows } = await db.database.pool.query("SELECT tokens::text AS row FROM tokens");
      expect(JSON.stringify(rows)).not.toContain(token?.slice(5));
    });

    it("is finished where a start died between the file and the database", async () => {
      const { ensure } = await setup();
      const { token } = await ensure();
      await db.database.pool.query("DELETE FROM tokens");
      expect(await ensure()).toMatchObject({ token, created: true });
    });

    it("is not made again where the installation has one that is not known here", async () => {
      await (await setup()).ensure();
      expect(await (await setup()).ensure()).toMatchObject({ token: undefined, created: false });
    });

    it("does not come back to life after it was revoked", async () => {
      const { ensure, auth } = await setup();
      const { token } = await ensure();
      const [row] = await auth.list({ limit: 1, before: undefined });
      await auth.revoke(row?.id ?? "");
      const anew = await ensure();
      expect(await auth.authenticate(`Bearer ${token}`)).toBeUndefined();
      // Else nobody would get in, and the server would go on to name the file of a token that it refuses.
      expect(anew).toMatchObject({ created: true, token: expect.not.stringMatching(token ?? "") });
      expect(readFileSync(anew.path, "utf8").trim()).toBe(anew.token);
      expect(await auth.authenticate(`Bearer ${anew.token}`)).toMatchObject({ scopes: ["admin"] });
    });

    it("is not the one that was revoked where there is another", async () => {
      const { ensure, auth } = await setup();
      await ensure();
      const [row] = await auth.list({ limit: 1, before: undefined });
      await auth.create({ name: "other", scopes: ["admin"] }, "token:admin");
      await auth.revoke(row?.id ?? "");
      expect(await ensure()).toMatchObject({ token: undefined, created: false });
    });

    it("is made anew where none that may do all is left, and the file is gone", async () => {
      const { ensure, auth } = await setup();
      const { token, path } = await ensure();
      const [row] = await auth.list({ limit: 1, before: undefined });
      await auth.revoke(row?.id ?? "");
      rmSync(path);
      const anew = await ensure();
      expect(anew).toMatchObject({ created: true, token: expect.not.stringMatching(token ?? "") });
      expect(await auth.authenticate(`Bearer ${anew.token}`)).toMatchObject({ scopes: ["admin"] });
    });

    it("is what YARD_ADMIN_TOKEN says even where that was revoked: whoever sets it must get in", async () => {
      const { ensure, auth } = await setup();
      const chosen = "chosen-by-automation-2";
      await ensure(chosen);
      const [row] = await auth.list({ limit: 1, before: undefined });
      await auth.revoke(row?.id ?? "");
      await ensure(chosen);
      expect(await auth.authenticate(`Bearer ${chosen}`)).toMatchObject({ scopes: ["admin"] });
    });

    it("is what YARD_ADMIN_TOKEN says, in place of the one before", async () => {
      const { ensure, auth } = await setup();
      const before = await ensure();
      const chosen = "chosen-by-automation-1";
      const now = await ensure(chosen);
      expect(now).toMatchObject({ token: chosen, created: false });
      expect(readFileSync(now.path, "utf8").trim()).toBe(chosen);
      expect(await auth.authenticate(`Bearer ${chosen}`)).toMatchObject({ scopes: ["admin"] });
      expect(await auth.authenticate(`Bearer ${before.token}`)).toBeUndefined();
      expect(await ensure(chosen)).toMatchObject({ token: chosen });
      expect(await ensure()).toMatchObject({ token: chosen, created: false });
    });
  });

  describe("/v1/tokens", () => {
    async function admin() {
      const made = await setup();
      const { token } = await made.ensure();
      const ask = (method: "GET" | "POST" | "DELETE", url: string, payload?: object, as = token) =>
        made.http.inject({ method, url, headers: bearer(as), ...(payload && { payload }) });
      return { ...made, ask };
    }

    it("makes a token, shows its text once, and lists it", async () => {
      const { ask } = await admin();
      const made = await ask("POST", "/v1/tokens", { name: "ci", scopes: ["runs:read"] });
      expect(made.statusCode).toBe(201);
      expect(made.json()).toMatchObject({
        name: "ci",
        created_by: "token:admin",
        token: expect.any(String),
      });
      const list = await ask("GET", "/v1/tokens");
      const { token: _, ...shown } = made.json();
      expect(list.json()[0]).toEqual(shown);
      const again = await ask("POST", "/v1/tokens", { name: "ci", scopes: ["admin"] });
      expect(again.json()).toMatchObject({
        status: 409,
        detail: expect.stringContaining("or revoke that one first (`yard tokens revoke ci`)"),
      });
    });

    it("makes a token once for an Idempotency-Key, and keeps its text nowhere", async () => {
      const { http, ensure } = await setup();
      const { token } = await ensure();
      const ask = () =>
        http.inject({
          method: "POST",
          url: "/v1/tokens",
          headers: { ...bearer(token), "idempotency-key": "ci" },
          payload: { name: "once", scopes: ["runs:read"] },
        });
      const made = (await ask()).json();
      const again = await ask();
      expect(again.statusCode).toBe(409);
      expect(again.json().detail).toContain("shown once");
      const { rows } = await db.database.pool.query("SELECT * FROM kept_answers");
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain(made.token);
    });

    it("lists in pages that go on where the one before ended", async () => {
      const { ask } = await admin();
      for (const name of ["a", "b", "c"])
        await ask("POST", "/v1/tokens", { name, scopes: ["runs:read"] });
      const names: string[] = [];
      let url: string | undefined = "/v1/tokens?limit=3";
      while (url !== undefined) {
        const page: Awaited<ReturnType<typeof ask>> = await ask("GET", url);
        names.push(...page.json().map(({ name }: { name: string }) => name));
        url = /<([^>]+)>; rel="next"/.exec(String(page.headers["link"] ?? ""))?.[1];
      }
      expect(names.toSorted()).toEqual(["a", "admin", "b", "c"]);
    });

    it("is for admins only, and says which scope is missing", async () => {
      const { ask } = await admin();
      const { token } = (
        await ask("POST", "/v1/tokens", { name: "ci", scopes: ["runs:read"] })
      ).json();
      const refused = await ask("GET", "/v1/tokens", undefined, token);
      expect(refused.statusCode).toBe(403);
      expect(refused.json().detail).toContain("admin");
    });

    it("says which scope is none, with the likely one", async () => {
      const { ask } = await admin();
      const refused = await ask("POST", "/v1/tokens", { name: "ci", scopes: ["run:read"] });
      expect(refused.json().errors[0]).toMatchObject({
        path: "/scopes/0",
        hint: "Did you mean runs:read?",
      });
    });

    it("revokes at once here, and in other processes as soon as they hear of it", async () => {
      const { ask, deps } = await admin();
      const made = (await ask("POST", "/v1/tokens", { name: "ci", scopes: ["admin"] })).json();
      // Would trust what it knows for an hour, were it not told.
      const hour = { refreshMs: 3_600_000, expireMs: 3_600_000, maxEntries: 10, waitMs: 60_000 };
      const elsewhere = await createAuth(deps, hour);
      onTestFinished(elsewhere.close);
      expect(await elsewhere.authenticate(`Bearer ${made.token}`)).toMatchObject({ name: "ci" });
      expect((await ask("GET", "/v1/tokens", undefined, made.token)).statusCode).toBe(200);
      expect((await ask("DELETE", `/v1/tokens/${made.id}`)).statusCode).toBe(204);
      expect((await ask("GET", "/v1/tokens", undefined, made.token)).statusCode).toBe(401);
      await expect.poll(() => elsewhere.authenticate(`Bearer ${made.token}`)).toBeUndefined();
      expect((await ask("DELETE", `/v1/tokens/${made.id}`)).statusCode).toBe(404);
      const listed: { name: string }[] = (await ask("GET", "/v1/tokens")).json();
      expect(listed.map(({ name }) => name)).toEqual(["admin"]);
    });

    it("trusts nothing that it knew once it hears of revocations again, after it could not", async () => {
      const { ask, deps } = await admin();
      const made = (await ask("POST", "/v1/tokens", { name: "ci", scopes: ["admin"] })).json();
      let reconnected = (): void => {};
      const deaf: typeof deps.database = {
        ...deps.database,
        async listen(_channel, _onNotice, { onReconnect = () => {} } = {}) {
          reconnected = onReconnect;
          return { stop: async () => {} };
        },
      };
      const hour = { refreshMs: 3_600_000, expireMs: 3_600_000, maxEntries: 10, waitMs: 60_000 };
      const elsewhere = await createAuth({ ...deps, database: deaf }, hour);
      onTestFinished(elsewhere.close);
      const whose = () => elsewhere.authenticate(`Bearer ${made.token}`);
      expect(await whose()).toMatchObject({ name: "ci" });
      await ask("DELETE", `/v1/tokens/${made.id}`);
      expect(await whose()).toMatchObject({ name: "ci" });
      reconnected();
      expect(await whose()).toBeUndefined();
    });

    it("ends a token when its time is up, to the moment, and gives its name free", async () => {
      const { ask, deps } = await admin();
      // Would trust what it knows for an hour, did the token not end.
      const hour = { refreshMs: 3_600_000, expireMs: 3_600_000, maxEntries: 10, waitMs: 60_000 };
      const auth = await createAuth(deps, hour);
      onTestFinished(auth.close);
      const body = { name: "brief", scopes: ["runs:read"], expires_in: "2s" };
      const made = (await ask("POST", "/v1/tokens", body)).json();
      const leftMs = Date.parse(made.expires_at) - Date.parse(made.created_at);
      expect(leftMs).toBeGreaterThan(1_900);
      expect(leftMs).toBeLessThan(2_100);
      const whose = () => auth.authenticate(`Bearer ${made.token}`);
      expect(await whose()).toMatchObject({ name: "brief" });
      await expect.poll(whose, { timeout: 20_000, interval: 20 }).toBeUndefined();
      expect((await ask("POST", "/v1/tokens", body)).statusCode).toBe(201);
    });

    it.each(["soon", "0s", "20y", "999ms"])("refuses to let a token live for %s", async (text) => {
      const { ask } = await admin();
      const body = { name: "ci", scopes: ["runs:read"], expires_in: text };
      const refused = await ask("POST", "/v1/tokens", body);
      expect(refused.statusCode).toBe(400);
      expect(refused.json().errors[0]).toMatchObject({ path: "/expires_in" });
    });

    it("says when a token was last used, to the minute", async () => {
      const { ask, auth } = await admin();
      const made = (await ask("POST", "/v1/tokens", { name: "ci", scopes: ["admin"] })).json();
      expect(made.last_used_at).toBeNull();
      await auth.authenticate(`Bearer ${made.token}`);
      const lastUse = async () => (await ask("GET", "/v1/tokens")).json()[0].last_used_at;
      await expect.poll(lastUse).toMatch(/^2\d{3}-/);
    });
  });
});
