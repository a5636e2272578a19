import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SECRET, startIntake, type TestIntake, webhook } from "../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";

const recorded = fileURLToPath(new URL("../../../../../shared/fixtures", import.meta.url));
const isThere = existsSync(recorded);
if (!isThere) console.info("skipped: recorded webhook bodies (../shared/fixtures is not there)");

describe.skipIf(!isThere)("bodies recorded from real servers", () => {
  let db: TestDatabase;
  let t: TestIntake;
  beforeAll(async () => {
    db = await createTestDatabase();
    t = await startIntake(db.url);
    for (const kind of ["gitea", "forgejo"])
      await t.inbox.sources.create({ name: kind, kind, secret: SECRET }, "test");
  });
  afterAll(async () => {
    await t?.close();
    await db?.drop();
  });

  it.each(["gitea", "forgejo"])("of %s become events, bytes kept", async (source) => {
    const files = readdirSync(`${recorded}/${source}`);
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const body = readFileSync(`${recorded}/${source}/${file}`);
      const reply = await t.inbox.receive({ ...webhook(body), source });
      expect(reply, file).toMatchObject({ status: "success" });
      expect(reply["type"], file).toMatch(
        new RegExp(`^${source}\\.(push|create|release|pull_request)`),
      );
      expect(await t.events.dataText(reply["event"] as string), file).toBe(body.toString());
      expect((await t.events.find(reply["event"] as string))?.subject, file).toMatch(
        /^[^/]+\/[^/#]+(#\d+)?$/,
      );
    }
  });
});
