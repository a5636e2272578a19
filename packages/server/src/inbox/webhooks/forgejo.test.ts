import { afterAll, beforeAll, expect, it } from "vitest";
import { issueBody, SECRET, sign, startIntake, type TestIntake } from "../../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";

const FILES = {
  "sources/codeberg.yaml": "source: codeberg\nkind: forgejo\nsecret: { env: SECRET }\n",
  "rules/assigned.yaml": "rule: t.assigned\non: forgejo.issue_assign\nrun: core.noop\n",
};

let db: TestDatabase;
let t: TestIntake;
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url, { files: FILES, environment: { SECRET } });
});
afterAll(async () => {
  await t?.close();
  await db?.drop();
});

it("Forgejo's own headers alone sign, name and number its deliveries, from a pack's source to a run", async () => {
  const body = Buffer.from(JSON.stringify(issueBody(161)));
  const headersOf = (delivery: string) => ({
    "content-type": "application/json",
    "x-forgejo-event": "issues",
    "x-forgejo-event-type": "issue_assign",
    "x-forgejo-delivery": delivery,
    "x-forgejo-signature": sign(body),
  });
  const send = (delivery: string) =>
    t.inbox.receive({ source: "codeberg", headers: headersOf(delivery), body });
  const reply = await send("one");
  expect(reply).toEqual({
    status: "success",
    action: "assigned",
    issue_number: 161,
    event: expect.any(String),
    type: "forgejo.issue_assign",
  });
  expect(await send("one")).toEqual(reply);
  // Its "Redelivery" button: the same body under a new id.
  expect(await send("two")).toEqual(reply);
  const { decisions, runs, origin_id } = await t.events.detail(reply["event"] as string);
  expect(decisions).toMatchObject([{ rule: "t.assigned", status: "matched" }]);
  expect([runs.length, origin_id]).toEqual([1, "one"]);
});
