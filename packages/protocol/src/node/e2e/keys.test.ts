import { expect, test } from "vitest";
import { createKeyPair, handshakeKey, isProof, proofOf, sessionKey } from "./keys.ts";
import { createSealing } from "./sealing.ts";

const TOKEN = "Yard-Test-Token-0000000000000000000000000_A";
const SESSION_ID = "6f1c2c1e-8d0b-4c55-9b7e-2f6f0a3f9b11";
const NODE_PUBLIC = "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw";
const SERVER_PUBLIC = "ZLEBsdC-WocEvQePmJUAH8A-jp-VIvGI3RKNmEbUhGY";
const PING = '{"type":"ping","ts":"2026-01-01T00:00:00.000Z"}';
const SEALED =
  "wcLDxMXGx8jJysvMKiDoYYISyEp6YCIn3mdL-t_dD2YmhGA4QI9L396PjTbXWWOpkcCVAq2lFVceFA9bcwrYx6sh_LQo223mrrxA";

/** So many bytes, each one more than the last. */
function bytesFrom(first: number, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, at) => first + at));
}

const node = createKeyPair(bytesFrom(0x01, 32));
const server = createKeyPair(bytesFrom(0x41, 32));
const salt = bytesFrom(0x81, 32).toString("base64url");
const secrets = { salt, token: TOKEN };
const key = handshakeKey({ ...secrets, privateKey: node.privateKey, peerPublic: SERVER_PUBLIC });

test("the public keys are those of the vector", () => {
  expect(node.publicText).toBe(NODE_PUBLIC);
  expect(server.publicText).toBe(SERVER_PUBLIC);
});

test("both sides come to the handshake key of the vector", () => {
  const theirs = handshakeKey({
    ...secrets,
    privateKey: server.privateKey,
    peerPublic: NODE_PUBLIC,
  });
  expect(key?.toString("hex")).toBe(
    "844649c1ae13acca865f1c0ca00c37f1d73f0f33e866fe738d8250136c50db80",
  );
  expect(theirs?.equals(key as Buffer)).toBe(true);
});

test("the proofs are those of the vector, and only they are taken", () => {
  const client = "EYztH7OWYOof0wKQ4XHos2_B1sDdx9CACtbPe057u_E";
  const ofServer = "oKFq4jgSRAMexmvcSatMfVZkEkJwIWYSovB5t593q3o";
  expect(proofOf(key as Buffer, "client-auth")).toBe(client);
  expect(proofOf(key as Buffer, "server-auth")).toBe(ofServer);
  expect(isProof(key as Buffer, "client-auth", client)).toBe(true);
  expect(isProof(key as Buffer, "client-auth", ofServer)).toBe(false);
  expect(isProof(key as Buffer, "server-auth", undefined)).toBe(false);
});

test("a frame is sealed as in the vector, and opens again", () => {
  const ofSession = sessionKey(key as Buffer, SESSION_ID);
  expect(ofSession.toString("hex")).toBe(
    "2dc0d909378e14e895e318dca893c694da1763a6bdedaf2878067f2122e4cd62",
  );
  const sender = createSealing({ key: ofSession, newNonce: () => bytesFrom(0xc1, 12) });
  expect(sender.seal(PING)).toBe(SEALED);
  expect(createSealing({ key: ofSession }).open(SEALED)).toEqual({ ok: PING });
});

test("a key of small order, of another length or in other letters gives no handshake key", () => {
  const small = Buffer.alloc(32).toString("base64url");
  for (const peerPublic of [
    small,
    "AAAA",
    "",
    "!".repeat(43),
    Buffer.alloc(32, 1).toString("hex"),
  ]) {
    expect(handshakeKey({ ...secrets, privateKey: node.privateKey, peerPublic })).toBeUndefined();
  }
  const shortSalt = { ...secrets, salt: "AAAA", peerPublic: SERVER_PUBLIC };
  expect(handshakeKey({ ...shortSalt, privateKey: node.privateKey })).toBeUndefined();
});

test("fresh pairs differ", () => {
  expect(createKeyPair().publicText).not.toBe(createKeyPair().publicText);
});
