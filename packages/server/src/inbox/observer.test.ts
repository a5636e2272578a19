import { afterAll, beforeAll, expect, it } from "vitest";
import { SECRET, sign, startIntake, type TestIntake } from "../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";

const told: string[] = [];
const FILES = {
  "sources/gitea.yaml": "source: gitea\nkind: gitea\nsecret: { env: FORGE }\n",
  "rules/a.yaml": "rule: t.a\non: gitea.push\nrun: core.noop\n",
  "rules/b.yaml": "rule: t.b\non: gitea.push\nif: 'false'\nrun: core.noop\n",
};

let db: TestDatabase;
let intake: TestIntake;
beforeAll(async () => {
  db = await createTestDatabase();
  intake = await startIntake(db.url, {
    files: FILES,
    environment: { FORGE: SECRET },
    observer: {
      webhook: (kind, outcome) => told.push(`${kind}: ${outcome}`),
      event: (channel, decisions) =>
        told.push(`${channel}: ${decisions.map(({ status }) => status).join(" ")}`),
    },
  });
});
afterAll(async () => {
  await intake?.close();
  await db?.drop();
});

function post(source: string, text: string, more: Record<string, string> = {}) {
  const body = Buffer.from(text);
  const headers = {
    "content-type": "application/json",
    "x-gitea-event": "push",
    "x-gitea-delivery": "d1",
    "x-gitea-signature": sign(body),
    ...more,
  };
  return intake.inbox.receive({ source, headers, body }).catch(() => undefined);
}

it("tells what became of each webhook, and how each event was judged", async () => {
  await post("gitea", '{"n":1}');
  await post("gitea", '{"n":1}');
  await post("gitea", '{"n":2}', { "x-gitea-signature": "00" });
  await post("gitea", "{", { "x-gitea-delivery": "d2" });
  await post("nobody", "{}");
  expect(told).toEqual([
    "webhook: matched not_matched",
    "gitea: accepted",
    "gitea: duplicate",
    "gitea: invalid_signature",
    "gitea: invalid_json",
    "undefined: unknown_source",
  ]);
});
