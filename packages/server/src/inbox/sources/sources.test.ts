import { randomBytes } from "node:crypto";
import { isAppError, type JsonObject, uuidV7 } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  issueBody,
  MASTER_KEY,
  SECRET,
  sign,
  startIntake,
  type TestIntake,
  webhook,
} from "../../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { silentLog } from "../../db/index.ts";
import { createSealer } from "../../sealing/index.ts";
import { createInbox } from "../index.ts";

const FILES = {
  "sources/forge.yaml": "source: forge\nkind: gitea\nsecret: { env: FORGE_SECRET }\n",
  "sources/unset.yaml": "source: unset\nkind: gitea\nsecret: { env: NOT_SET }\n",
};

let db: TestDatabase;
let t: TestIntake;
let other: TestIntake;
let number = 0;
beforeAll(async () => {
  db = await createTestDatabase();
  const environment = { FORGE_SECRET: "from-env" };
  t = await startIntake(db.url, { files: FILES, environment });
  other = await startIntake(db.url, { environment });
});
afterAll(async () => {
  await t?.close();
  await other?.close();
  await db?.drop();
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );
const send = (source: string, secret: string, by = t): Promise<JsonObject> => {
  const body = JSON.stringify(issueBody(++number));
  return by.inbox.receive({
    ...webhook(body, { "x-gitea-signature": sign(body, secret) }),
    source,
  });
};
const verifiedBy = async (reply: JsonObject): Promise<unknown> =>
  ((await t.events.detail(reply["event"] as string)).delivery as JsonObject)["verified_by"];

describe("sources", () => {
  it("are made once by name, and of a known kind", async () => {
    const made = await t.inbox.sources.create({ name: "a", kind: "gitea", secret: SECRET }, "test");
    expect(made).toMatchObject({
      name: "a",
      kind: "gitea",
      status: "active",
      has_secret: true,
      origin: "api",
      webhook_path: "/webhook/a",
    });
    expect(JSON.stringify(made)).not.toContain(SECRET);
    const again = t.inbox.sources.create({ name: "a", kind: "gitea" }, "test");
    await expect(again).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("take another name, or see what it is"),
    });
    expect(await codeOf(t.inbox.sources.create({ name: "b", kind: "gitee" }, "test"))).toBe(
      "invalid_request",
    );
    const { rows } = await db.database.pool.query("SELECT sealed FROM source_secrets");
    expect(JSON.stringify(rows)).not.toContain(SECRET);
  });

  it("made at the same time in two processes are made once", async () => {
    const source = { name: "race", kind: "gitea", secret: SECRET };
    const codes = await Promise.all(
      [t, other].map((by) => codeOf(by.inbox.sources.create(source, "test"))),
    );
    expect(codes.sort()).toEqual(["conflict", "done"]);
  });

  it("are refused a secret that is blank: nobody means it", async () => {
    const blank = { name: "blank", kind: "gitea", secret: " " };
    expect(await codeOf(t.inbox.sources.create(blank, "test"))).toBe("invalid_request");
    await t.inbox.sources.create({ ...blank, secret: "one" }, "test");
    expect(await codeOf(t.inbox.sources.rotate("blank", " \t", 0))).toBe("invalid_request");
  });

  it("take effect at once in every process: made, rotated and removed", async () => {
    await t.inbox.sources.create({ name: "live", kind: "gitea", secret: "one" }, "test");
    expect(await codeOf(send("live", "one", other))).toBe("done");
    await t.inbox.sources.rotate("live", "two", 0);
    expect(await codeOf(send("live", "two", other))).toBe("done");
    expect(await codeOf(send("live", "one", other))).toBe("invalid_signature");
    await t.inbox.sources.remove("live");
    expect(await codeOf(send("live", "two", other))).toBe("unknown_source");
    expect(await codeOf(t.inbox.sources.remove("live"))).toBe("not_found");
  });

  it("removed between the check of a signature and the commit are checked again", async () => {
    await t.inbox.sources.create({ name: "leaving", kind: "gitea", secret: "one" }, "test");
    const { engine } = t.test;
    const late = createInbox(
      {
        database: t.database,
        rules: t.rules,
        packs: t.packs,
        readSecret: async () => undefined,
        sealer: createSealer(MASTER_KEY),
        log: silentLog,
        newId: () => uuidV7(Date.now(), randomBytes(10)),
        now: Date.now,
        engine: {
          async commit(unit) {
            await other.inbox.sources.remove("leaving").catch(() => {});
            return engine.commit(unit);
          },
        },
      },
      { maxBodyBytes: t.inbox.maxBodyBytes },
    );
    expect(await codeOf(send("leaving", "one", { ...t, inbox: late }))).toBe("unknown_source");
  });

  it("tell every process how many webhooks they refused, and why the last", async () => {
    await t.inbox.sources.create({ name: "refusing", kind: "gitea", secret: "one" }, "test");
    expect((await t.inbox.sources.get("refusing")).refused).toBeNull();
    const refused = async () => (await other.inbox.sources.get("refusing")).refused;
    expect(await codeOf(send("refusing", "two"))).toBe("invalid_signature");
    await expect.poll(refused).toEqual({
      count: 1,
      last_at: expect.any(String),
      last_reason: "its signature is of another secret, or of another body",
    });
    const unsigned = { source: "refusing", headers: {}, body: Buffer.from("{}") };
    expect(await codeOf(other.inbox.receive(unsigned))).toBe("invalid_signature");
    await expect.poll(refused).toMatchObject({
      count: 2,
      last_reason: expect.stringContaining("no header x-gitea-signature"),
    });
    await t.inbox.sources.remove("refusing");
    await t.inbox.sources.create({ name: "refusing", kind: "gitea", secret: "one" }, "test");
    expect(await refused()).toBeNull();
  });

  it("have two secrets while one is rotated, and the record says which matched", async () => {
    await t.inbox.sources.create({ name: "rotating", kind: "gitea", secret: "one" }, "test");
    const before = await verifiedBy(await send("rotating", "one"));
    await t.inbox.sources.rotate("rotating", "two", 3_600_000);
    expect(await verifiedBy(await send("rotating", "one"))).toBe(before);
    expect(await verifiedBy(await send("rotating", "two"))).not.toBe(before);
    const { previous_secret_until: until } = await t.inbox.sources.get("rotating");
    expect(Date.parse(until as string) - Date.now()).toBeGreaterThan(3_500_000);
    t.clock.nowMs = Date.now() + 3_700_000;
    expect(await codeOf(send("rotating", "one"))).toBe("invalid_signature");
    const over = async () => (await t.inbox.sources.get("rotating")).refused?.last_reason;
    await expect.poll(over).toMatch(/signed with the secret before the last rotation/);
    expect((await t.inbox.sources.get("rotating")).previous_secret_until).toBeNull();
    t.clock.nowMs = undefined;
    await t.inbox.sources.rotate("rotating", "three", 3_600_000);
    expect(await codeOf(send("rotating", "one"))).toBe("invalid_signature");
    expect(await codeOf(send("rotating", "two"))).toBe("done");
  });

  it("of packs are listed, read only, and refuse everything while nothing is set", async () => {
    expect(await t.inbox.sources.get("forge")).toMatchObject({
      id: null,
      origin: "pack:t",
      status: "active",
    });
    expect(await t.inbox.sources.get("unset")).toMatchObject({
      status: "unready",
      reason: "nothing is set at env:NOT_SET",
    });
    expect(await verifiedBy(await send("forge", "from-env"))).toBe("env:FORGE_SECRET");
    expect(await codeOf(send("unset", ""))).toBe("invalid_signature");
    expect(await codeOf(t.inbox.sources.remove("forge"))).toBe("conflict");
    expect(await codeOf(t.inbox.sources.rotate("forge", "x", 0))).toBe("conflict");
    expect(await codeOf(t.inbox.sources.create({ name: "forge", kind: "gitea" }, "test"))).toBe(
      "conflict",
    );
    expect(await codeOf(send("forge", "from-env", other))).toBe("done");
  });
});
