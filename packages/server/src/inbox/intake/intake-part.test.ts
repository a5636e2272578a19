import { randomBytes } from "node:crypto";
import { type Decision, uuidV7 } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { growRevision } from "../../packs/index.ts";
import { deliveryKey, sha256 } from "../deliveries/delivery.ts";
import { type IntakeRow, intakePart } from "./intake-part.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

const newId = (): string => uuidV7(Date.now(), randomBytes(10));

function rowOf(revision: number, keys: readonly string[]): IntakeRow {
  const at = new Date().toISOString();
  const [id, eventId] = [newId(), newId()];
  const body = Buffer.from("{}");
  const decision: Decision = {
    id: newId(),
    event_id: eventId,
    rule: "t.a",
    status: "held",
    clause: null,
    reason: "x",
    run_id: null,
    replay: 0,
    decided_at: at,
  };
  return {
    delivery: {
      delivery: {
        id,
        channel: "webhook",
        source: "s",
        receivedAt: at,
        senderId: null,
        headers: {},
        body,
        bodySha256: sha256(body),
        verifiedBy: "test",
        problem: null,
        keys: keys.map((key) => deliveryKey(null, key)),
      },
      eventId,
      keepBody: false,
      revision,
    },
    event: {
      event: {
        id: eventId,
        type: "a.b",
        source: "s",
        subject: null,
        time: at,
        receivedAt: at,
        deliveryId: id,
        originId: null,
        dataschema: null,
        traceparent: "",
        extensions: null,
        depth: 0,
        causedBy: null,
        data: {},
      },
      dataText: "{}",
    },
    decisions: [decision],
  };
}

const apply = (rows: readonly IntakeRow[]) =>
  db.database.withTransaction((client: ClientBase) => intakePart.apply(client, rows));
const revisionNow = async (): Promise<number> =>
  (await db.database.pool.query("SELECT revision FROM definition_revision")).rows[0].revision;
const counts = async (): Promise<unknown> =>
  (
    await db.database.pool.query(
      `SELECT (SELECT count(*) FROM deliveries) AS deliveries, (SELECT count(*) FROM events) AS events,
              (SELECT count(*) FROM decisions) AS decisions, (SELECT count(*) FROM delivery_keys) AS keys`,
    )
  ).rows[0];

describe("rows of an intake that come again after a lost connection", () => {
  it("are answered as before and change nothing, even when the rules have changed since", async () => {
    const first = rowOf(await revisionNow(), ["k1"]);
    const repeated = rowOf(await revisionNow(), ["k1"]);
    const answers = await apply([first, repeated]);
    expect(answers).toEqual(["ok", { refused: "duplicate" }]);
    const before = await counts();
    await db.database.withTransaction(growRevision);
    expect(await apply([first, repeated])).toEqual(answers);
    expect(await apply([repeated, first])).toEqual(answers.toReversed());
    expect(await counts()).toEqual(before);
  });

  it("were judged by rules that have changed: refused, and nothing of them is kept, no key either", async () => {
    const stale = rowOf((await revisionNow()) - 1, ["k2"]);
    const before = await counts();
    expect(await apply([stale])).toEqual([{ refused: "stale_rules" }]);
    expect(await counts()).toEqual(before);
    expect(await apply([stale, rowOf(await revisionNow(), ["k2"])])).toEqual([
      { refused: "stale_rules" },
      "ok",
    ]);
  });
});

describe("a flush", () => {
  it("finds the first of a chain of duplicates by different keys", async () => {
    const revision = await revisionNow();
    const rows = [rowOf(revision, ["a"]), rowOf(revision, ["a", "b"]), rowOf(revision, ["b", "c"])];
    expect(await apply(rows)).toEqual(["ok", { refused: "duplicate" }, { refused: "duplicate" }]);
    const late = rowOf(revision, ["c"]);
    expect(await apply([late])).toEqual([{ refused: "duplicate" }]);
    const { rows: stored } = await db.database.pool.query(
      "SELECT DISTINCT duplicate_of FROM deliveries WHERE id = ANY($1)",
      [[rows[1], rows[2], late].map((row) => row?.delivery.delivery.id)],
    );
    expect(stored).toEqual([{ duplicate_of: rows[0]?.delivery.delivery.id }]);
  });

  it("of rows with keys that other flushes hold in another order does not deadlock", async () => {
    const revision = await revisionNow();
    for (let round = 0; round < 4; round++) {
      const keys = Array.from({ length: 2_000 }, (_, i) => `many-${round}-${i}`);
      const flushes = [keys, keys.toReversed(), keys, keys.toReversed()].map((order) =>
        apply(order.map((key) => rowOf(revision, [key]))),
      );
      const answers = (await Promise.all(flushes)).flat();
      expect(answers.filter((answer) => answer === "ok")).toHaveLength(keys.length);
    }
  });
});
