import { createHash } from "node:crypto";
import { pairNodeSchema, swapPairingTokenSchema } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/test-database.ts";
import { pairBase, startRegistry, type TestRegistry } from "../registry.fixture.ts";

let db: TestDatabase;
let test: TestRegistry;
beforeAll(async () => {
  db = await createTestDatabase();
  test = await startRegistry(db.database);
});
afterAll(async () => {
  await test?.registry.close();
  await db?.drop();
});

const pair = (name: string, more: object = {}) =>
  test.registry.pair(pairNodeSchema.parse({ name, ...more }), "token:test");
const swap = (token: string, name?: string) =>
  test.registry.swap(swapPairingTokenSchema.parse({ token, name }), "192.0.2.1");

it("makes tokens of 256 bits, and keeps only their digest", async () => {
  const { token, kind, expiresAt, node } = await pairBase(test.registry, "digest");
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(kind).toBe("lasting");
  expect(expiresAt).toBeNull();
  expect(node).toMatchObject({ name: "digest", status: "never_seen", client: null, e2e: "off" });
  const { rows } = await db.database.pool.query(
    "SELECT t.*, n.* FROM node_tokens t JOIN nodes n ON n.id = t.node_id WHERE n.name = 'digest'",
  );
  expect(rows[0].hash).toEqual(createHash("sha256").update(token).digest());
  expect(rows[0].sealed).toBeNull();
  expect(JSON.stringify(rows)).not.toContain(token);
});

it("seals a copy of the token only where end-to-end encryption needs its text", async () => {
  const { token } = await pairBase(test.registry, "sealed", { e2e: "preferred" });
  const { rows } = await db.database.pool.query(
    "SELECT sealed FROM node_tokens t JOIN nodes n ON n.id = t.node_id WHERE n.name = 'sealed'",
  );
  expect(rows[0].sealed).toMatch(/^v1\./);
  expect(rows[0].sealed).not.toContain(token);
  const policy = await test.registry.links.helloPolicy("sealed");
  expect(policy).toMatchObject({ e2e: "preferred", secrets: [{ text: token, over: undefined }] });
});

it("refuses a name that a live node has, and revokes that one first with force", async () => {
  const first = await pairBase(test.registry, "twice");
  await expect(pair("twice")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("yard node revoke twice"),
  });
  await pair("twice", { force: true });
  expect(await test.registry.links.verify("twice", first.token)).toEqual({
    kind: "revoked",
    known: { nodeId: first.node.id, why: "node_revoked" },
  });
  expect((await test.registry.get("twice")).status).toBe("never_seen");
  expect((await test.registry.get(first.node.id)).status).toBe("revoked");
  expect(test.audit).toContainEqual(
    expect.objectContaining({ action: "node.revoke", subject: "twice", nodeId: first.node.id }),
  );
});

it("gives a name to one of many that ask for it at once", async () => {
  const asked = await Promise.allSettled(Array.from({ length: 12 }, () => pair("crowd")));
  const given = asked.filter(({ status }) => status === "fulfilled");
  expect(given).toHaveLength(1);
  for (const answer of asked)
    if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "conflict" });
});

it.each([
  ["", "must not be blank"],
  ["  ", "must not be blank"],
  ["a/b", 'must not contain "/"'],
  ["a\\b", 'must not contain "/"'],
  ["a..b", 'must not contain "/"'],
  [".", 'must not be "."'],
  [" . ", 'must not be "."'],
  ["näme", "must be printable ASCII"],
  ["tab\there", "must be printable ASCII"],
  ["x".repeat(65), "must have at most 64 characters"],
])("refuses %j for a name", (name, message) => {
  const parsed = pairNodeSchema.safeParse({ name });
  expect(parsed.error?.issues[0]?.message).toContain(message);
});

it("trims a name, and allows spaces within it", async () => {
  const { node } = await pairBase(test.registry, "  lab 7  ");
  expect(node.name).toBe("lab 7");
});

it("swaps a pairing token once, also for many that come with it at once", async () => {
  const { token, kind } = await pair("once");
  expect(kind).toBe("pairing");
  const answers = await Promise.allSettled(Array.from({ length: 16 }, () => swap(token)));
  const swapped = answers.flatMap((answer) =>
    answer.status === "fulfilled" ? [answer.value] : [],
  );
  expect(swapped).toHaveLength(1);
  expect(swapped[0]).toMatchObject({ name: "once", url_path: "/ws/nodes", e2e: "off" });
  for (const answer of answers)
    if (answer.status === "rejected")
      expect(answer.reason).toMatchObject({ code: "invalid_pairing_token" });
  const lasting = swapped[0]?.token ?? "";
  expect(await test.registry.links.verify("once", lasting)).toMatchObject({ kind: "valid" });
  const { rows } = await db.database.pool.query(
    `SELECT role FROM node_tokens t JOIN nodes n ON n.id = t.node_id
     WHERE n.name = 'once' ORDER BY role`,
  );
  expect(rows).toEqual([{ role: "current" }, { role: "retired" }]);
});

it("never lets a pairing token log in", async () => {
  const { token, node } = await pair("not-yet");
  expect(await test.registry.links.verify("not-yet", token)).toEqual({
    kind: "invalid",
    known: { nodeId: node.id, why: "not_swapped" },
  });
  // Nor by a proof, for which its text would have to be kept.
  await pair("not-yet-sealed", { e2e: "required" });
  expect((await test.registry.links.helloPolicy("not-yet-sealed")).secrets).toEqual([]);
  const { rows } = await db.database.pool.query(
    "SELECT sealed FROM node_tokens t JOIN nodes n ON n.id = t.node_id WHERE n.name = 'not-yet-sealed'",
  );
  expect(rows).toEqual([{ sealed: null }]);
});

it("refuses a pairing token that has expired, is unknown, or comes for another name", async () => {
  const { token } = await pair("late");
  await expect(swap(token, "other")).rejects.toMatchObject({ code: "invalid_pairing_token" });
  await db.database.pool.query(
    `UPDATE node_tokens SET expires_at = now() - interval '1 second'
     WHERE node_id = (SELECT id FROM nodes WHERE name = 'late')`,
  );
  await expect(swap(token)).rejects.toMatchObject({ code: "invalid_pairing_token" });
  await expect(swap("x".repeat(43))).rejects.toMatchObject({ code: "invalid_pairing_token" });
  expect(await test.registry.get("late")).toMatchObject({
    status: "never_seen",
    reason: expect.stringContaining("yard node rotate late"),
  });
});

it("lets no pairing token outlive its node, however the two race", async () => {
  const rounds = Array.from({ length: 40 }, async (_, index) => {
    const name = `race-${index}`;
    const { token } = await pair(name);
    const by = { actor: "token:test", reason: undefined };
    const [swapped] = await Promise.allSettled([swap(token), test.registry.revoke(name, by)]);
    if (swapped.status === "rejected") return "refused";
    const verdict = await test.registry.links.verify(name, swapped.value.token);
    return verdict.kind;
  });
  const outcomes = await Promise.all(rounds);
  expect(outcomes.filter((outcome) => outcome !== "refused" && outcome !== "revoked")).toEqual([]);
});

it("audits each pairing before and after, and every swap, without a token", async () => {
  const { token } = await pair("audited");
  const { token: lasting } = await swap(token);
  await expect(swap(token)).rejects.toMatchObject({ code: "invalid_pairing_token" });
  const rows = test.audit.filter(({ subject }) => subject === "audited");
  expect(rows.map(({ action, phase, status }) => ({ action, phase, status }))).toEqual([
    { action: "node.pair", phase: "begin", status: undefined },
    { action: "node.pair", phase: "end", status: "ok" },
    { action: "node.swap", phase: "event", status: "ok" },
    { action: "node.swap", phase: "event", status: "invalid_pairing_token" },
  ]);
  expect(rows[0]?.requestId).toBe(rows[1]?.requestId);
  const text = JSON.stringify([rows, test.announced]);
  expect(text).not.toContain(token);
  expect(text).not.toContain(lasting);
  expect(test.announced).toContainEqual(
    expect.objectContaining({ type: "node.paired", node: "audited", by: "token:test" }),
  );
});
