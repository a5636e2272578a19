import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createNonceSet } from "./nonce-set.ts";
import { createSealing } from "./sealing.ts";

function pair(framesMost?: number) {
  const options = { key: randomBytes(32), ...(framesMost === undefined ? {} : { framesMost }) };
  return { node: createSealing(options), server: createSealing(options) };
}

test("what one side seals, the other opens", () => {
  const { node, server } = pair();
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(server.open(node.seal(text))).toEqual({ ok: text });
      expect(node.open(server.seal(text))).toEqual({ ok: text });
    }),
  );
});

test("a frame that comes again is refused", () => {
  const { node, server } = pair();
  const data = node.seal("once");
  expect(server.open(data)).toEqual({ ok: "once" });
  expect(server.open(data)).toEqual({ flaw: "replayed" });
});

test("a frame that is sent back to its sender is refused", () => {
  const { node } = pair();
  expect(node.open(node.seal("mine"))).toEqual({ flaw: "replayed" });
});

test("a frame with any bit changed is refused, and the true one is still taken", () => {
  const { node, server } = pair();
  const data = node.seal("true");
  const bytes = Buffer.from(data, "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(server.open(changed.toString("base64url"))).toEqual({ flaw: "forged" });
  }
  expect(server.open(data)).toEqual({ ok: "true" });
});

test("no text at all makes it throw", () => {
  const { server } = pair();
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(server.open(text)).toHaveProperty("flaw");
    }),
  );
  expect(server.open("A")).toEqual({ flaw: "malformed" });
  expect(server.open(Buffer.alloc(27).toString("base64url"))).toEqual({ flaw: "malformed" });
});

test("a session is spent after so many frames of both directions", () => {
  const { node, server } = pair(4);
  server.open(node.seal("1"));
  node.open(server.seal("2"));
  expect(node.isSpent()).toBe(false);
  node.seal("3");
  node.seal("4");
  expect(node.isSpent()).toBe(true);
});

test("a nonce that was drawn before is drawn again", () => {
  const drawn = [Buffer.alloc(12, 1), Buffer.alloc(12, 1), Buffer.alloc(12, 2)];
  const key = randomBytes(32);
  const sealing = createSealing({ key, newNonce: () => drawn.shift() as Buffer });
  const first = sealing.seal("a");
  expect(sealing.seal("a").slice(0, 16)).not.toBe(first.slice(0, 16));
  expect(drawn).toHaveLength(0);
});

test("the set of nonces knows each one that it was given, and no other", () => {
  const set = createNonceSet();
  const nonces = Array.from({ length: 20_000 }, () => randomBytes(12));
  expect(nonces.every((nonce) => set.add(nonce))).toBe(true);
  expect(nonces.some((nonce) => set.add(nonce))).toBe(false);
  const zero = Buffer.alloc(12);
  expect([set.add(zero), set.add(zero)]).toEqual([true, false]);
});
