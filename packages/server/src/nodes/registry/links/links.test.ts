import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/test-database.ts";
import {
  connect,
  type Installation,
  loginOf,
  pairBase,
  startRegistry,
  type TestRegistry,
} from "../registry.fixture.ts";
import type { LostSession, NodeFacts, NodeRefused } from "../registry.types.ts";

const BY = { actor: "token:test", reason: undefined };
const FACTS: NodeFacts = {
  instanceId: "one",
  labels: { os: "linux" },
  osVersion: "12",
  cpuCount: 8,
  memBytes: 2 ** 34,
  slots: 4,
  agentVersion: "1.0.0",
  features: [],
};

let db: TestDatabase;
let installation: Installation;
let test: TestRegistry;
const others: TestRegistry[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  installation = { living: new Map() };
  test = await startRegistry(db.database, installation);
});
afterEach(async () => {
  for (const other of others.splice(0)) {
    installation.living.delete(other.self.id);
    await other.registry.close();
  }
});
afterAll(async () => {
  await test?.registry.close();
  await db?.drop();
});

/** Another API process on the same database. */
async function another(options: Parameters<typeof startRegistry>[2] = {}): Promise<TestRegistry> {
  const other = await startRegistry(db.database, installation, options);
  others.push(other);
  return other;
}

function lost(of: TestRegistry): { revoked: LostSession[]; replaced: LostSession[] } {
  const told = { revoked: [] as LostSession[], replaced: [] as LostSession[] };
  of.registry.links.onRevoked((session) => told.revoked.push(session));
  of.registry.links.onReplaced((session) => told.replaced.push(session));
  return told;
}

it("answers an unknown name and a wrong token alike, and whoever has a token what its node is called", async () => {
  const { links } = test.registry;
  const { token, node } = await pairBase(test.registry, "alike");
  const nodeId = node.id;
  await pairBase(test.registry, "other");
  const invalid = { kind: "invalid", known: undefined };
  for (const name of ["nobody", "other"])
    expect(await links.verify(name, token)).toEqual({
      kind: "renamed",
      name: "alike",
      known: { nodeId, why: "other_name" },
    });
  expect(await links.verify("nobody", `${token.slice(1)}A`)).toEqual(invalid);
  expect(await links.verify("alike", `${token.slice(1)}A`)).toEqual(invalid);
  expect(await links.verify("alike", token)).toMatchObject({ kind: "valid", e2e: "off" });
  expect(await links.helloPolicy("nobody")).toEqual(await links.helloPolicy("alike"));
  await test.registry.revoke("alike", BY);
  const known = { nodeId, why: "node_revoked" };
  expect(await links.verify("alike", token)).toEqual({ kind: "revoked", known });
  expect(await links.verify("other", token)).toEqual({ kind: "invalid", known });
});

it("shows a node before, during and after its link", async () => {
  const { links } = test.registry;
  const { token } = await pairBase(test.registry, "shown", { labels: { site: "a" } });
  const get = () => test.registry.get("shown");
  expect(await get()).toMatchObject({ status: "never_seen", last_seen_at: null, address: null });
  const login = loginOf(await links.verify("shown", token));
  const admission = await links.admit(login);
  expect(admission).toMatchObject({ kind: "admitted", epoch: 1, replaced: null });
  await links.info(login.sessionId, { ...FACTS, labels: { os: "linux", site: "b" } });
  expect(await get()).toMatchObject({
    status: "connected",
    reason: null,
    address: "192.0.2.7",
    labels: { os: "linux", site: "a" },
    operator_labels: { site: "a" },
    platform: "linux",
    arch: "amd64",
    node_version: "v0.2.0",
    protocol_version: "0.1.0",
    capabilities: ["exec", "read", "write"],
    client: "yard",
    cpu_count: 8,
    mem_bytes: 2 ** 34,
    load: { calls: 0, jobs: 0, slots: 4 },
  });
  await links.reconnecting(login.sessionId, 60_000);
  expect(await get()).toMatchObject({
    status: "reconnecting",
    reason: expect.stringContaining("a new one may too: --wait 30s"),
  });
  const back = { ...login, sessionId: randomUUID() };
  expect(await links.admit(back)).toMatchObject({ epoch: 2, replaced: login.sessionId });
  // Until it has said its own: it may be another program than before.
  expect((await get()).labels).toEqual({ site: "a" });
  await links.draining(back.sessionId, "upgrade");
  expect(await get()).toMatchObject({
    status: "draining",
    reason: expect.stringContaining("upgrade"),
  });
  await links.left(back.sessionId, "It was stopped");
  expect(await get()).toMatchObject({
    status: "disconnected",
    platform: "linux",
    reason: expect.stringContaining("It was stopped."),
    last_seen_at: expect.any(String),
  });
  expect(await test.registry.revoked("shown")).toBeUndefined();
  await test.registry.revoke("shown", { ...BY, reason: "sold" });
  const revoked = await get();
  expect(revoked).toMatchObject({
    ...{ status: "revoked", revoked_at: revoked.since },
    ...{ revoked_by: "token:test", revoked_reason: "sold" },
    reason: `It was revoked at ${revoked.since} by token:test (sold). Where it is to come back, pair the machine anew: yard node pair shown`,
  });
  expect(await test.registry.revoked("shown")).toEqual(revoked);
  expect((await test.registry.absent("shown")).error).toMatchObject({
    code: "node_revoked",
    message: `There is no live node shown. ${revoked.reason}`,
  });
  const types = test.announced.filter(({ node }) => node === "shown").map(({ type }) => type);
  expect(types).toEqual([
    "node.paired",
    "node.connected",
    "node.reconnecting",
    "node.reconnected",
    "node.draining",
    "node.disconnected",
    "node.revoked",
  ]);
});

it("audits whether a link is encrypted, by TLS or end to end, and does not call the one the other", async () => {
  await connect(test.registry, "over-tls", { isEncrypted: true });
  await vi.waitFor(() => {
    const entry = test.audit.find(
      ({ subject, action }) => subject === "over-tls" && action === "node.connect",
    );
    expect(entry?.details).toMatchObject({ encrypted: true });
    expect(entry?.details).not.toHaveProperty("e2e");
  });
});

it("ends the time to come back by itself", async () => {
  const { login } = await connect(test.registry, "overdue");
  await test.registry.links.reconnecting(login.sessionId, 0);
  expect((await test.registry.get("overdue")).status).toBe("disconnected");
});

it("lets nothing of an old session touch the new one", async () => {
  const { links } = test.registry;
  const { token, login: old } = await connect(test.registry, "stale");
  const login = loginOf(await links.verify("stale", token));
  await links.admit(login);
  await links.info(login.sessionId, FACTS);
  await links.info(old.sessionId, { ...FACTS, cpuCount: 1, labels: { old: "yes" } });
  expect(await links.reconnecting(old.sessionId, 60_000)).toBe(false);
  expect(await links.draining(old.sessionId, "old")).toBe(false);
  await links.left(old.sessionId, "The old link ended");
  links.load(old.sessionId, { calls: 9, jobs: 9, slots: 9 });
  await links.close();
  expect(await test.registry.get("stale")).toMatchObject({
    status: "connected",
    cpu_count: 8,
    labels: { os: "linux" },
    load: { calls: 0, slots: 4 },
  });
  test = await startRegistry(db.database, installation);
});

it("tells the other process when a node logs in here, and only of that session", async () => {
  const there = await another();
  const told = lost(there);
  const here = lost(test);
  const { token, login } = await connect(there.registry, "moves");
  const moved = loginOf(await test.registry.links.verify("moves", token));
  const admission = await test.registry.links.admit(moved);
  expect(admission).toMatchObject({ kind: "admitted", epoch: 2, replaced: login.sessionId });
  const { nodeId, sessionId } = login;
  await vi.waitFor(() => expect(told.replaced).toEqual([{ nodeId, sessionId }]));
  await there.registry.links.left(sessionId, "Another connection took its place");
  expect((await test.registry.get("moves")).status).toBe("connected");
  expect(await test.registry.holder(nodeId)).toMatchObject({ processId: test.self.id });
  expect(here.replaced).toEqual([]);
  expect(told.revoked).toEqual([]);
});

it("finds a revocation by looking at the rows where its notice was lost", async () => {
  const deaf = await another({ withoutNotices: true, held: { lookMs: 100 } });
  const told = lost(deaf);
  const { login } = await connect(deaf.registry, "unheard");
  await test.registry.revoke("unheard", BY);
  await vi.waitFor(
    () => expect(told.revoked).toEqual([{ nodeId: login.nodeId, sessionId: login.sessionId }]),
    1_000,
  );
  // Once for each session, however often it is looked at.
  await deaf.registry.links.look();
  expect(told.revoked).toHaveLength(1);
});

it("hears of a revocation by another process within a second", async () => {
  const there = await another();
  const told = lost(there);
  const { login } = await connect(there.registry, "cut");
  await test.registry.revoke("cut", BY);
  await vi.waitFor(() => expect(told.revoked).toHaveLength(1), 1_000);
  await there.registry.links.left(login.sessionId, "It was revoked");
  expect(there.audit).toContainEqual(
    expect.objectContaining({ action: "node.disconnect", status: "node_revoked" }),
  );
});

it("lets no login resurrect a revoked token in a thousand races of the two", async () => {
  const { links } = test.registry;
  const told = new Set<string>();
  links.onRevoked(({ nodeId, sessionId }) => told.add(`${nodeId} ${sessionId}`));
  const outcomes = new Set<string>();
  const race = async (index: number): Promise<void> => {
    const name = `race-${index}`;
    const { token } = await pairBase(test.registry, name);
    const login = loginOf(await links.verify(name, token));
    // Now one is asked for first, now the other, lest one always win.
    const isRevokedFirst = index % 2 === 0;
    const early = isRevokedFirst ? test.registry.revoke(name, BY) : undefined;
    const [admission] = await Promise.all([
      links.admit(login),
      early ?? test.registry.revoke(name, BY),
    ]);
    outcomes.add(admission.kind);
    expect(await links.verify(name, token)).toMatchObject({ kind: "revoked" });
    if (index % 10 === 0)
      expect(await links.admit({ ...login, sessionId: randomUUID() })).toEqual({ kind: "revoked" });
    if (admission.kind === "admitted") {
      await vi.waitFor(() => expect(told.has(`${login.nodeId} ${login.sessionId}`)).toBe(true), {
        timeout: 10_000,
        interval: 5,
      });
    }
  };
  let next = 0;
  const lanes = Array.from({ length: 8 }, async () => {
    while (next < 1_000) await race(next++);
  });
  await Promise.all(lanes);
  expect([...outcomes].sort()).toEqual(["admitted", "revoked"]);
  const { rows } = await db.database.pool.query(
    `SELECT count(*)::int AS live FROM nodes n JOIN node_tokens t ON t.node_id = n.id
     WHERE n.name LIKE 'race-%' AND (n.revoked_at IS NULL OR t.role <> 'retired')`,
  );
  expect(rows).toEqual([{ live: 0 }]);
}, 60_000);

it("counts every login of many at once, and leaves the place to the last", async () => {
  const { links } = test.registry;
  const { token } = await pairBase(test.registry, "busy");
  const verdict = await links.verify("busy", token);
  const logins = Array.from({ length: 20 }, () => loginOf(verdict));
  const admissions = await Promise.all(
    logins.map((login) => links.admit({ ...login, client: "yard" })),
  );
  const epochs = admissions.map((given) => (given.kind === "admitted" ? given.epoch : 0));
  expect([...epochs].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  const last = logins[epochs.indexOf(20)];
  expect(await links.reconnecting(last?.sessionId ?? "", 60_000)).toBe(true);
});

it("keeps the present machine where two share one token, and tells it once", async () => {
  const { links } = test.registry;
  const { token, login } = await connect(test.registry, "shared");
  await links.info(login.sessionId, { ...FACTS, instanceId: "A" });
  let present = "";
  const comeAs = async (instanceId: string) => {
    const next = loginOf(await links.verify("shared", token));
    const admission = await links.admit(next);
    if (admission.kind !== "admitted") return admission.kind;
    present = next.sessionId;
    await links.info(present, { ...FACTS, instanceId });
    return admission.kind;
  };
  expect(await comeAs("B")).toBe("admitted");
  expect(await comeAs("A")).toBe("admitted");
  expect(await comeAs("B")).toBe("admitted");
  expect(await comeAs("A")).toBe("conflict");
  expect(await comeAs("A")).toBe("conflict");
  const conflicts = test.announced.filter(({ type }) => type === "node.conflict");
  expect(conflicts).toEqual([expect.objectContaining({ node: "shared" })]);
  await links.left(present, "It was stopped");
  expect(await comeAs("A")).toBe("admitted");
});

it("lets in at once who comes with a new token while two share the old one, and forgets their conflict", async () => {
  const { links, startRotation } = test.registry;
  const { token } = await pairBase(test.registry, "copied");
  const come = async (given: string) =>
    (await links.admit(loginOf(await links.verify("copied", given), { client: "base" }))).kind;
  for (let i = 0; i < 4; i++) expect(await come(token)).toBe("admitted");
  expect(await come(token)).toBe("conflict");
  const wanted = { way: "shown", e2e: undefined, expiresIn: "15m" } as const;
  const { token: next } = await startRotation("copied", wanted, "token:test");
  expect(await come(next)).toBe("admitted");
  expect(await links.verify("copied", token)).not.toMatchObject({ kind: "valid" });
  expect(await come(next)).toBe("admitted");
});

it("takes one machine that comes back again and again for what it is", async () => {
  const { links } = test.registry;
  const { token, login } = await connect(test.registry, "flapping");
  await links.info(login.sessionId, FACTS);
  for (let i = 0; i < 6; i++) {
    const next = loginOf(await links.verify("flapping", token));
    expect((await links.admit(next)).kind).toBe("admitted");
    await links.info(next.sessionId, FACTS);
  }
});

it("ends the links of a process that is gone, and says so", async () => {
  const there = await another();
  const { login } = await connect(there.registry, "orphan");
  installation.living.delete(there.self.id);
  expect(await test.registry.get("orphan")).toMatchObject({
    status: "disconnected",
    reason: expect.stringContaining("server process that held its link is gone"),
  });
  expect(await test.registry.holder(login.nodeId)).toBeUndefined();
  await test.registry.sweep();
  await test.registry.sweep();
  const gone = test.announced.filter(
    ({ type, node }) => type === "node.disconnected" && node === "orphan",
  );
  expect(gone).toHaveLength(1);
});

it("holds its links on under a new id, and takes back what was ended meanwhile", async () => {
  const there = await another();
  const told = lost(there);
  const { login: kept } = await connect(there.registry, "kept");
  const { login: taken } = await connect(there.registry, "taken");
  const before = there.self.id;
  installation.living.delete(before);
  there.self.id = randomUUID();
  installation.living.set(there.self.id, { host: "there", url: "http://there" });
  await db.database.pool.query(
    `UPDATE node_links SET session_id = NULL, process_id = NULL, state = NULL WHERE node_id = $1`,
    [taken.nodeId],
  );
  await there.registry.links.look();
  for (const { nodeId } of [kept, taken]) {
    expect((await test.registry.get(nodeId)).status).toBe("connected");
    expect(await test.registry.holder(nodeId)).toMatchObject({ url: "http://there" });
  }
  expect(told).toEqual({ revoked: [], replaced: [] });
});

it("gathers loads and signs of life, and writes them in one statement", async () => {
  const one = await connect(test.registry, "load-1");
  const two = await connect(test.registry, "load-2");
  const { links } = test.registry;
  links.load(one.login.sessionId, { calls: 3, jobs: 1, slots: 4 });
  links.seen(two.login.sessionId);
  await vi.waitFor(
    async () =>
      expect((await test.registry.get("load-1")).load).toEqual({ calls: 3, jobs: 1, slots: 4 }),
    5_000,
  );
  // The uses of tokens are written behind the links.
  await vi.waitFor(async () => {
    const { rows } = await db.database.pool.query(
      "SELECT count(*)::int AS used FROM node_tokens WHERE id = ANY ($1) AND last_used_at IS NOT NULL",
      [[one.login.tokenId, two.login.tokenId]],
    );
    expect(rows).toEqual([{ used: 2 }]);
  }, 5_000);
});

it("keeps the last refusal of a node, written once a minute, and says it where the node is away", async () => {
  const { registry } = await another({ notes: { soonMs: 1, seenMs: 60_000 } });
  const { login } = await connect(registry, "refused");
  const { nodeId } = login;
  const refused = async () => (await registry.get("refused")).refused;
  const refuse = (address: string, reason: NodeRefused["reason"]) =>
    registry.links.refused({ nodeId, address, reason });
  expect(await refused()).toBeNull();
  refuse("192.0.2.1", "other_name");
  await vi.waitFor(async () =>
    expect(await refused()).toMatchObject({ address: "192.0.2.1", reason: "other_name" }),
  );
  expect((await registry.get("refused")).reason).toBeNull();
  refuse("192.0.2.2", "token_replaced");
  // Of another node, in the same statement: what the first has not written it has passed over.
  const { login: other } = await connect(registry, "refused too");
  registry.links.refused({ nodeId: other.nodeId, address: "192.0.2.2", reason: "name_conflict" });
  await vi.waitFor(async () =>
    expect((await registry.get("refused too")).refused).toMatchObject({ reason: "name_conflict" }),
  );
  expect(await refused()).toMatchObject({ reason: "other_name" });

  await registry.links.left(login.sessionId, "It was stopped");
  const away = async () => (await registry.get("refused")).reason;
  expect(await away()).toMatch(/^It was stopped\. Where it does not come back by itself/);
  await db.database.pool.query("UPDATE node_refusals SET at = at - interval '1 minute'");
  refuse("192.0.2.3", "token_replaced");
  await vi.waitFor(async () =>
    expect(await away()).toMatch(
      /^It was stopped\. Its login at \S+Z, from 192\.0\.2\.3, was refused: .*yard node rotate refused --no-push$/,
    ),
  );
});

it("takes a crowd of logins at once", async () => {
  const { links } = test.registry;
  const crowd = Array.from({ length: 200 }, async (_, index) => {
    const name = `many-${index}`;
    const { token } = await pairBase(test.registry, name);
    return await links.admit(loginOf(await links.verify(name, token)));
  });
  const kinds = (await Promise.all(crowd)).map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(["admitted"]));
});
