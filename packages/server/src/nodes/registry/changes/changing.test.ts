import { changeNodeSchema, pairNodeSchema } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/test-database.ts";
import { FORMER_NAMES } from "../names.store.ts";
import {
  connect,
  loginOf,
  pairBase,
  startRegistry,
  type TestRegistry,
} from "../registry.fixture.ts";
import type { NodeProfile } from "../registry.types.ts";
import type { NewTokenWanted } from "../tokens/rotation.ts";

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

const BY = "token:test";
const change = (name: string, body: object) =>
  test.registry.change(name, changeNodeSchema.parse(body), BY);
const rotate = (name: string, way: NewTokenWanted["way"], e2e?: NewTokenWanted["e2e"]) =>
  test.registry.startRotation(name, { way, e2e, expiresIn: "15m" }, BY);
const logIn = async (name: string, token: string) => {
  const verdict = await test.registry.links.verify(name, token);
  return await test.registry.links.admit(loginOf(verdict));
};
const kindOf = async (name: string, token: string) =>
  (await test.registry.links.verify(name, token)).kind;

it("changes what is given and leaves the rest, and tells the link", async () => {
  const told: NodeProfile[] = [];
  const stop = test.registry.links.onChanged((profile) => told.push(profile));
  await connect(test.registry, "changed");
  const node = await change("changed", {
    labels: { gpu: "" },
    grants: { write: false },
    base: { chunks: "merge" },
  });
  expect(node).toMatchObject({
    operator_labels: { gpu: "" },
    grants: { exec: true, read: true, write: false, jobs: true, paths: null },
    base: { chunks: "merge", env: "forward", stdin_guard: false },
  });
  await vi.waitFor(() => expect(told).toHaveLength(1));
  expect(told[0]).toMatchObject({ name: "changed", grants: { write: false, exec: true } });
  stop();
});

it("holds files to the folders that are granted, until any will do again", async () => {
  const request = { name: "held", grants: { paths: ["/srv"] }, client: "base" };
  const { node } = await test.registry.pair(pairNodeSchema.parse(request), BY);
  expect(node.grants).toMatchObject({ exec: true, paths: ["/srv"] });
  expect((await change("held", { grants: { paths: ["/a", "/b"] } })).grants.paths).toEqual([
    "/a",
    "/b",
  ]);
  expect((await change("held", { grants: { read: false } })).grants.paths).toEqual(["/a", "/b"]);
  expect((await change("held", { grants: { paths: null } })).grants.paths).toBeNull();
});

it("renames a node, unless a live one has the name", async () => {
  await pairBase(test.registry, "before");
  await pairBase(test.registry, "present");
  await expect(change("before", { name: "present" })).rejects.toMatchObject({ code: "conflict" });
  const node = await change("before", { name: " after " });
  expect(node.name).toBe("after");
  await expect(test.registry.get("before")).rejects.toMatchObject({
    code: "not_found",
    message: "There is no node before: it was renamed to after.",
  });
  for (const late of [() => change("before", { labels: {} }), () => rotate("before", "shown")])
    await expect(late()).rejects.toThrow("There is no live node before: it was renamed to after.");
  expect(test.announced).toContainEqual(
    expect.objectContaining({ type: "node.renamed", node: "after", before: "before" }),
  );
});

describe("a machine of a node that was renamed", () => {
  it("is let in under each name that the node had, encrypted or not, and is told when it is revoked", async () => {
    const { token } = await pairBase(test.registry, "first", { e2e: "preferred" });
    await change("first", { name: "second" });
    await change("second", { name: "third" });
    for (const name of ["first", "second", "third"]) {
      expect(await kindOf(name, token)).toBe("valid");
      expect((await test.registry.links.helloPolicy(name)).secrets).toMatchObject([
        { text: token, over: undefined },
      ]);
    }
    expect(await logIn("first", token)).toMatchObject({ node: { name: "third" } });
    await test.registry.revoke("third", { actor: BY, reason: undefined });
    expect(await kindOf("first", token)).toBe("revoked");
    expect((await test.registry.links.helloPolicy("first")).secrets).toMatchObject([
      { text: token, over: "node_revoked" },
    ]);
  });

  it("pairs with the line that was made before", async () => {
    const request = pairNodeSchema.parse({ name: "pasted" });
    const { token } = await test.registry.pair(request, BY);
    await change("pasted", { name: "pasted-2" });
    const swap = { token, name: "pasted" };
    expect(await test.registry.swap(swap, "192.0.2.1")).toMatchObject({ name: "pasted-2" });
  });

  it.each(["paired", "renamed"])(
    "is not, once another was %s to that name, and that is said",
    async (how) => {
      const [was, is] = [`was-${how}`, `is-${how}`];
      const { token } = await pairBase(test.registry, was);
      await change(was, { name: is });
      if (how === "renamed") await pairBase(test.registry, "other");
      const taken =
        how === "paired"
          ? await pairBase(test.registry, was)
          : await change("other", { name: was });
      expect(taken.warnings).toEqual([
        expect.stringContaining(`Node ${is} was called ${was} before`),
      ]);
      const node = await test.registry.get(is);
      expect(await test.registry.links.verify(was, token)).toEqual({
        kind: "renamed",
        name: is,
        known: { nodeId: node.id, why: "other_name" },
      });
      expect(await kindOf(is, token)).toBe("valid");
      // The name is the other's, wherever that goes.
      await change(was, { name: `${was}-2` });
      expect(await kindOf(was, token)).toBe("renamed");
    },
  );

  it("may be given its name back, which warns of nobody", async () => {
    const { token } = await pairBase(test.registry, "there");
    await change("there", { name: "back" });
    expect((await change("back", { name: "there" })).warnings).toEqual([]);
    for (const name of ["there", "back"]) expect(await kindOf(name, token)).toBe("valid");
  });

  it("is known by so many names at most", async () => {
    const { token } = await pairBase(test.registry, "n-0");
    for (let n = 0; n <= FORMER_NAMES; n++) await change(`n-${n}`, { name: `n-${n + 1}` });
    expect(await kindOf("n-0", token)).toBe("renamed");
    expect(await kindOf("n-1", token)).toBe("valid");
  });
});

it("gives one of two nodes a name that both are given at once", async () => {
  await Promise.all(["left", "right"].map((name) => pairBase(test.registry, name)));
  const answers = await Promise.allSettled(
    ["left", "right"].map((name) => change(name, { name: "middle" })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  for (const answer of answers)
    if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "conflict" });
});

it("turns encryption on only where the token is kept, and off only with a new one, which tells the node", async () => {
  await pairBase(test.registry, "clear");
  await expect(change("clear", { e2e: "required" })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("yard node rotate clear --e2e required"),
  });
  await pairBase(test.registry, "secret", { e2e: "preferred" });
  expect((await change("secret", { e2e: "required" })).e2e).toBe("required");
  await expect(change("secret", { e2e: "off" })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("yard node rotate secret --e2e off"),
  });
  expect((await test.registry.links.helloPolicy("secret")).secrets).toHaveLength(1);
});

it("hints at the nearest name", async () => {
  await pairBase(test.registry, "lab-7");
  await expect(test.registry.get("lab7")).rejects.toMatchObject({
    message: "There is no node lab7. Did you mean lab-7?",
  });
});

it("keeps both tokens valid until the first login with the new one", async () => {
  const { token: old } = await connect(test.registry, "rotated");
  const { token: next, kind, expiresAt } = await rotate("rotated", "shown");
  expect({ kind, expiresAt }).toEqual({ kind: "lasting", expiresAt: null });
  expect(await kindOf("rotated", old)).toBe("valid");
  expect((await logIn("rotated", old)).kind).toBe("admitted");
  expect((await logIn("rotated", next)).kind).toBe("admitted");
  expect(await kindOf("rotated", old)).toBe("revoked");
  expect((await logIn("rotated", next)).kind).toBe("admitted");
  expect(test.announced).toContainEqual(
    expect.objectContaining({ type: "node.rotated", node: "rotated", state: "settled" }),
  );
});

it("lets nobody in who was verified and whose token is over when the place is to be given", async () => {
  const { token: old } = await connect(test.registry, "overtaken");
  const { token: other } = await connect(test.registry, "of another");
  const verified = async (name: string, token: string) =>
    loginOf(await test.registry.links.verify(name, token));
  const [before, stranger] = [
    await verified("overtaken", old),
    await verified("of another", other),
  ];
  const { token: next } = await rotate("overtaken", "shown");
  await logIn("overtaken", next);
  const pushed = await rotate("overtaken", "pushed");
  const expiring = await verified("overtaken", pushed.token);
  await db.database.pool.query(
    "UPDATE node_tokens SET expires_at = now() - interval '1 s' WHERE id = $1",
    [pushed.tokenId],
  );
  const { admit } = test.registry.links;
  for (const login of [before, expiring, { ...before, tokenId: stranger.tokenId }])
    expect(await admit(login)).toEqual({ kind: "revoked" });
});

it("drops a pushed token that was not confirmed in time, or was refused", async () => {
  const { token } = await connect(test.registry, "pushed");
  const refused = await rotate("pushed", "pushed");
  await test.registry.giveUpRotation(refused.tokenId);
  expect(await kindOf("pushed", refused.token)).toBe("revoked");
  const late = await rotate("pushed", "pushed");
  expect(late.expiresAt).not.toBeNull();
  await db.database.pool.query(
    "UPDATE node_tokens SET expires_at = now() - interval '1 s' WHERE id = $1",
    [late.tokenId],
  );
  expect(await kindOf("pushed", late.token)).toBe("revoked");
  const kept = await rotate("pushed", "pushed");
  await test.registry.confirmRotation(kept.tokenId);
  expect(await kindOf("pushed", kept.token)).toBe("valid");
  expect(await kindOf("pushed", token)).toBe("valid");
});

it("lets a pushed token that the node has confirmed expire no more", async () => {
  await connect(test.registry, "confirmed");
  const { token, tokenId } = await rotate("confirmed", "pushed");
  await test.registry.confirmRotation(tokenId);
  await db.database.pool.query(
    "UPDATE node_tokens SET expires_at = expires_at - interval '1 day' WHERE id = $1",
    [tokenId],
  );
  expect((await logIn("confirmed", token)).kind).toBe("admitted");
});

it("does not take a pushed token for delivered that another rotation has ended", async () => {
  await connect(test.registry, "twice");
  const first = await rotate("twice", "pushed");
  const second = await rotate("twice", "pushed");
  await expect(test.registry.confirmRotation(first.tokenId)).rejects.toMatchObject({
    code: "conflict",
  });
  await test.registry.confirmRotation(second.tokenId);
});

it("leaves the token that the machine has confirmed good, whatever becomes of a rotation after it", async () => {
  const paired = await test.registry.pair({ ...PAIR, name: "again" }, BY);
  const { token: old } = await test.registry.swap({ token: paired.token }, "192.0.2.1");
  const first = await rotate("again", "pushed", "preferred");
  await test.registry.confirmRotation(first.tokenId);
  const shown = await rotate("again", "shown");
  expect(await kindOf("again", first.token)).toBe("valid");
  const refused = await rotate("again", "pushed");
  await test.registry.giveUpRotation(refused.tokenId);
  expect(await kindOf("again", first.token)).toBe("valid");
  expect(await kindOf("again", old)).toBe("revoked");
  expect(await logIn("again", first.token)).toMatchObject({ node: { e2e: "preferred" } });
  await expect(test.registry.swap({ token: shown.token }, "192.0.2.1")).rejects.toMatchObject({
    code: "invalid_pairing_token",
  });
});

it("takes no token away that the node has logged in with, though it is said to have refused it", async () => {
  await connect(test.registry, "unsaid");
  const { token, tokenId } = await rotate("unsaid", "pushed");
  expect((await logIn("unsaid", token)).kind).toBe("admitted");
  await test.registry.giveUpRotation(tokenId);
  expect(await kindOf("unsaid", token)).toBe("valid");
});

it("gives a node of ours a new pairing token, whose lasting one is the next", async () => {
  const paired = await test.registry.pair({ ...PAIR, name: "ours" }, BY);
  const first = await test.registry.swap({ token: paired.token }, "192.0.2.1");
  const again = await rotate("ours", "shown");
  expect(again.kind).toBe("pairing");
  const second = await test.registry.swap({ token: again.token }, "192.0.2.1");
  expect(await kindOf("ours", first.token)).toBe("valid");
  expect((await logIn("ours", second.token)).kind).toBe("admitted");
  expect(await kindOf("ours", first.token)).toBe("revoked");
  // Paired anew once more before the machine has come with the one from the time before.
  const third = await rotate("ours", "shown");
  const unused = await test.registry.swap({ token: third.token }, "192.0.2.1");
  const last = await rotate("ours", "shown");
  const newest = await test.registry.swap({ token: last.token }, "192.0.2.1");
  expect(await kindOf("ours", unused.token)).toBe("revoked");
  expect((await logIn("ours", newest.token)).kind).toBe("admitted");
});

it("takes up encryption with the first login of a token that brings it", async () => {
  const { token } = await pairBase(test.registry, "later");
  const next = await rotate("later", "shown", "required");
  const before = await test.registry.links.helloPolicy("later");
  expect(before).toMatchObject({ e2e: "off", secrets: [{ text: next.token, over: undefined }] });
  expect(await kindOf("later", token)).toBe("valid");
  const admission = await logIn("later", next.token);
  expect(admission).toMatchObject({ node: { e2e: "required" } });
  expect((await test.registry.links.helloPolicy("later")).e2e).toBe("required");
});

it("holds a token to the encryption that it brings from its first login on", async () => {
  const e2eOf = async (name: string, token: string) =>
    await test.registry.links.verify(name, token);
  const { token: clear } = await pairBase(test.registry, "stricter");
  const required = await rotate("stricter", "shown", "required");
  expect(await e2eOf("stricter", clear)).toMatchObject({ e2e: "off" });
  expect(await e2eOf("stricter", required.token)).toMatchObject({ e2e: "required" });
  await logIn("stricter", required.token);
  await change("stricter", { e2e: "preferred" });
  expect(await e2eOf("stricter", required.token)).toMatchObject({ e2e: "preferred" });
  const { token: strict } = await pairBase(test.registry, "laxer", { e2e: "required" });
  const off = await rotate("laxer", "shown", "off");
  expect(await e2eOf("laxer", strict)).toMatchObject({ e2e: "required" });
  expect(await e2eOf("laxer", off.token)).toMatchObject({ e2e: "off" });
});

it("keeps the text of no token once a node does without encryption", async () => {
  await pairBase(test.registry, "opened", { e2e: "required" });
  const off = await rotate("opened", "shown", "off");
  const { secrets } = await test.registry.links.helloPolicy("opened");
  expect(secrets).toHaveLength(2);
  expect(await logIn("opened", off.token)).toMatchObject({ node: { e2e: "off" } });
  const { rows } = await db.database.pool.query(
    "SELECT role, sealed FROM node_tokens WHERE node_id = $1 ORDER BY role",
    [secrets[0]?.nodeId],
  );
  expect(rows).toEqual([
    { role: "current", sealed: null },
    { role: "retired", sealed: null },
  ]);
});

it("tries the present token first, then the next, then what was revoked", async () => {
  const { token: first } = await pairBase(test.registry, "order", { e2e: "required" });
  const second = await rotate("order", "shown");
  const texts = async () =>
    (await test.registry.links.helloPolicy("order")).secrets.map(({ text, over }) => ({
      text,
      over,
    }));
  expect(await texts()).toEqual([
    { text: first, over: undefined },
    { text: second.token, over: undefined },
  ]);
  await logIn("order", second.token);
  expect(await texts()).toEqual([
    { text: second.token, over: undefined },
    { text: first, over: "token_replaced" },
  ]);
  await test.registry.revoke("order", { actor: BY, reason: "lost" });
  expect((await texts()).every(({ over }) => over === "node_revoked")).toBe(true);
});

it("says twice what was revoked once, and audits it once", async () => {
  await pairBase(test.registry, "gone");
  const by = { actor: BY, reason: "sold" };
  const first = await test.registry.revoke("gone", by);
  expect(await test.registry.revoke("gone", by)).toEqual(first);
  const rows = test.audit.filter(
    ({ subject, action }) => subject === "gone" && action === "node.revoke",
  );
  expect(rows).toMatchObject([
    { phase: "begin", actor: BY, details: { reason: "sold" } },
    { phase: "end", status: "ok" },
  ]);
  await expect(test.registry.revoke("never", by)).rejects.toMatchObject({ code: "not_found" });
});

it("lists by name, status and label, page by page", async () => {
  for (const name of ["list-a", "list-b", "list-c"])
    await pairBase(test.registry, name, { labels: { list: "yes", at: name.slice(-1) } });
  await connect(test.registry, "list-d");
  await change("list-d", { labels: { list: "yes" } });
  const all = { statuses: undefined, labels: [{ key: "list", value: null }], after: undefined };
  const names = async (filter: Partial<Parameters<typeof test.registry.list>[0]>) =>
    (await test.registry.list({ ...all, limit: 50, ...filter })).map(({ name }) => name);
  expect(await names({})).toEqual(["list-a", "list-b", "list-c", "list-d"]);
  expect(await names({ statuses: ["connected"] })).toEqual(["list-d"]);
  expect(await names({ statuses: ["never_seen"] })).toEqual(["list-a", "list-b", "list-c"]);
  expect(await names({ labels: [{ key: "at", value: "b" }] })).toEqual(["list-b"]);
  const [, second] = await test.registry.list({ ...all, limit: 2 });
  expect(await names({ limit: 2, after: { name: "list-b", id: second?.id ?? "" } })).toEqual([
    "list-c",
    "list-d",
  ]);
});

const PAIR = {
  name: "",
  labels: {},
  e2e: "off",
  client: "yard",
  force: false,
  expires_in: "15m",
} as const;
