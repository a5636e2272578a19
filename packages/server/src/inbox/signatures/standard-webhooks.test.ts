import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { matchingSecret } from "./signature.ts";
import { standardWebhooks } from "./standard-webhooks.ts";

const NOW_MS = 1_700_000_000_000;
const BODY = Buffer.from('{"type":"invoice.paid"}');
const KEY = Buffer.alloc(24, 5);
const SECRET = `whsec_${KEY.toString("base64")}`;

interface Sent {
  readonly id?: string | undefined;
  readonly at?: string | undefined;
  readonly signature?: string | undefined;
  readonly body?: Buffer;
}

const mac = (key: Buffer, id: string, at: string, body = BODY): string =>
  `v1,${createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64")}`;
const secretOf = (text: string): KeyObject => {
  const key = standardWebhooks.readKey(text);
  if ("problem" in key) throw new Error(key.problem);
  return key;
};
const AT = String(NOW_MS / 1_000);

function isTaken(sent: Sent, secrets: readonly string[] = [SECRET]): boolean {
  const { id = "msg_1", at = AT, body = BODY } = sent;
  const headers = {
    "webhook-id": "id" in sent ? sent.id : id,
    "webhook-timestamp": "at" in sent ? sent.at : at,
    "webhook-signature": "signature" in sent ? sent.signature : mac(KEY, id, at),
  };
  const keys = secrets.map((text) => ({
    label: text,
    key: secretOf(text),
    retiresAtMs: undefined,
  }));
  return matchingSecret(standardWebhooks, keys, headers, body, NOW_MS) !== undefined;
}

describe("Standard Webhooks", () => {
  it("are good when signed over id, timestamp and body, as the specification's example is", () => {
    expect(isTaken({})).toBe(true);
    const specified = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      at: "1614265330",
      body: Buffer.from('{"test": 2432232314}'),
    };
    const headers = {
      "webhook-id": specified.id,
      "webhook-timestamp": specified.at,
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const key = secretOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const read = standardWebhooks.read(headers, specified.body, 1_614_265_330_000);
    expect(read?.(key)).toBe(true);
  });

  it.each<[string, Sent]>([
    ["the id is another", { id: "msg_2", signature: mac(KEY, "msg_1", AT) }],
    ["the timestamp is another", { at: `${Number(AT) + 1}`, signature: mac(KEY, "msg_1", AT) }],
    ["the body is another", { body: Buffer.from("{}") }],
    ["there is no id", { id: undefined }],
    ["there is no timestamp", { at: undefined }],
    ["there is no signature", { signature: undefined }],
    ["the signature is empty", { signature: "" }],
    ["the version is unknown", { signature: mac(KEY, "msg_1", AT).replace("v1,", "v2,") }],
    [
      "the version is that of a public key",
      { signature: mac(KEY, "msg_1", AT).replace("v1", "v1a") },
    ],
    [
      "the signature is the beginning of a good one",
      { signature: mac(KEY, "msg_1", AT).slice(0, -8) },
    ],
    [
      "the id is longer than 200",
      { id: "m".repeat(201), signature: mac(KEY, "m".repeat(201), AT) },
    ],
    ["the id holds a space", { id: "msg 1", signature: mac(KEY, "msg 1", AT) }],
    ["the signature was cut", { signature: mac(KEY, "msg_1", AT).slice(0, -6) }],
    ["there is more behind the signature", { signature: `${mac(KEY, "msg_1", AT)}\u00e9` }],
    ["the timestamp is no number", { at: "now", signature: mac(KEY, "msg_1", "now") }],
    ["the timestamp has a sign", { at: `+${AT}`, signature: mac(KEY, "msg_1", `+${AT}`) }],
  ])("are refused when %s", (_, sent) => {
    expect(isTaken(sent)).toBe(false);
  });

  it.each([
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
  ])("sent %i s from now are taken: %j", (seconds, isGood) => {
    const at = String(NOW_MS / 1_000 + seconds);
    expect(isTaken({ at, signature: mac(KEY, "msg_1", at) })).toBe(isGood);
  });

  it.each<[string, number, string]>([
    ["late", -301, "its webhook-timestamp is 301 s behind this server's clock; 300 s are allowed"],
    [
      "early",
      400,
      "its webhook-timestamp is 400 s ahead of this server's clock; 300 s are allowed",
    ],
  ])("tell their owner that a clock is %s", (_, seconds, reason) => {
    const at = String(NOW_MS / 1_000 + seconds);
    const headers = { "webhook-id": "m", "webhook-timestamp": at, "webhook-signature": "v1,x" };
    expect(standardWebhooks.flawOf(headers, NOW_MS)).toBe(reason);
    expect(standardWebhooks.flawOf({ "webhook-id": "m" }, NOW_MS)).toBe(
      "it has no header webhook-timestamp",
    );
  });

  it("are good by one of several signatures, and under one of two secrets", () => {
    const newer = Buffer.alloc(32, 9);
    const bad = mac(Buffer.alloc(24), "msg_1", AT);
    expect(isTaken({ signature: `${bad} ${mac(KEY, "msg_1", AT)}` })).toBe(true);
    expect(isTaken({ signature: `${bad} ${bad}` })).toBe(false);
    const secrets = [`whsec_${newer.toString("base64")}`, SECRET];
    expect(isTaken({}, secrets)).toBe(true);
    expect(isTaken({ signature: mac(newer, "msg_1", AT) }, secrets)).toBe(true);
    expect(isTaken({ signature: mac(newer, "msg_1", AT) })).toBe(false);
    const many = `${Array(1_000).fill(bad).join(" ")} ${mac(KEY, "msg_1", AT)}`;
    expect(isTaken({ signature: many })).toBe(false);
  });

  it("are good when signed with Ed25519, and the public key is never the secret of an HMAC", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const raw = Buffer.from(publicKey.export({ format: "jwk" }).x as string, "base64url");
    const secret = `whpk_${raw.toString("base64")}`;
    const content = Buffer.concat([Buffer.from(`msg_1.${AT}.`), BODY]);
    const signature = `v1a,${sign(null, content, privateKey).toString("base64")}`;
    expect(isTaken({ signature }, [secret])).toBe(true);
    expect(isTaken({ signature, body: Buffer.from("{}") }, [secret])).toBe(false);
    expect(isTaken({ signature }, [SECRET])).toBe(false);
    expect(isTaken({ signature: signature.replace("v1a", "v1") }, [secret])).toBe(false);
    expect(isTaken({ signature: signature.replace("v1a", "v2") }, [secret])).toBe(false);
    expect(isTaken({ signature: mac(raw, "msg_1", AT) }, [secret])).toBe(false);
  });

  it.each([
    "",
    "whsec_",
    "whsec_!!!",
    "hunter2",
    "whsec_c2hvcnQ=",
    `${SECRET}*`,
    "whpk_c2hvcnQ=",
    "5c".repeat(32),
    `whsec_${Buffer.alloc(65, 5).toString("base64")}`,
    KEY.toString("base64"),
  ])("have no secret %j", (text) => {
    expect(standardWebhooks.readKey(text)).toMatchObject({ problem: expect.any(String) });
  });
});
