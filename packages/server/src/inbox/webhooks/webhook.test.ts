import { isAppError } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  issueBody,
  MASTER_KEY,
  SECRET,
  sign,
  startIntake,
  type TestIntake,
  webhook,
} from "../../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";

let db: TestDatabase;
let t: TestIntake;
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url);
  await t.inbox.sources.create({ name: "gitea", kind: "gitea", secret: SECRET }, "test");
});
afterAll(async () => {
  await t?.close();
  await db?.drop();
});

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isAppError(error)) throw new Error(`no AppError but ${String(error)}`);
  return `${error.code}: ${error.message}`;
};
const UNSIGNED = "invalid_signature: Invalid or missing signature";

describe("signatures", () => {
  const body = JSON.stringify(issueBody(1));
  const good = sign(body);
  const hub = (value: string) => ({ "x-gitea-signature": undefined, "x-hub-signature-256": value });

  it.each<[string, Record<string, string | string[] | undefined>]>([
    ["missing", { "x-gitea-signature": undefined }],
    ["empty", { "x-gitea-signature": "" }],
    ["of other bytes", { "x-gitea-signature": sign(`${body} `) }],
    ["under another secret", { "x-gitea-signature": sign(body, "other") }],
    ["under an empty secret", { "x-gitea-signature": sign(body, "") }],
    ["in upper case", { "x-gitea-signature": good.toUpperCase() }],
    ["too short", { "x-gitea-signature": good.slice(2) }],
    ["too long", { "x-gitea-signature": `${good}00` }],
    ["not hex", { "x-gitea-signature": "z".repeat(64) }],
    ["not ASCII", { "x-gitea-signature": "é".repeat(64) }],
    ["given twice", { "x-gitea-signature": `${good}, ${good}` }],
    [
      "bad in the first of two headers",
      { "x-gitea-signature": "", "x-hub-signature-256": `sha256=${good}` },
    ],
    ["prefixed where no prefix belongs", { "x-gitea-signature": `sha256=${good}` }],
    [
      "by SHA-1",
      { "x-gitea-signature": undefined, "x-hub-signature": `sha1=${good.slice(0, 40)}` },
    ],
    ["without its prefix", hub(good)],
    ["of another algorithm by its prefix", hub(`sha512=${good}`)],
    ["empty but for its prefix", hub("sha256=")],
  ])("that are %s are refused", async (_, headers) => {
    expect(await refusal(t.inbox.receive(webhook(body, headers)))).toBe(UNSIGNED);
  });

  it.each([
    ["X-Gitea-Signature", { "x-gitea-signature": good }],
    ["X-Forgejo-Signature", { "x-gitea-signature": undefined, "x-forgejo-signature": good }],
    ["X-Hub-Signature-256", hub(`sha256=${good}`)],
  ])("in %s are taken", async (_, headers) => {
    expect(await t.inbox.receive(webhook(body, headers))).toMatchObject({ status: "success" });
  });

  it("are never good where no secret is set, not even under an empty one", async () => {
    await t.inbox.sources.create({ name: "unset", kind: "gitea" }, "test");
    const request = { ...webhook(body, { "x-gitea-signature": sign(body, "") }), source: "unset" };
    expect(await refusal(t.inbox.receive(request))).toBe(UNSIGNED);
    expect(await t.inbox.sources.get("unset")).toMatchObject({
      status: "unready",
      has_secret: false,
    });
  });

  it("are never good where the secret cannot be unsealed any more", async () => {
    const other = await startIntake(db.url, { masterKey: Buffer.alloc(32, 9) });
    expect(MASTER_KEY.equals(Buffer.alloc(32, 9))).toBe(false);
    expect(await refusal(other.inbox.receive(webhook(body)))).toBe(UNSIGNED);
    expect(await other.inbox.sources.get("gitea")).toMatchObject({
      status: "unready",
      reason: expect.stringContaining("another master key"),
    });
    await other.close();
  });

  it("are checked before anything else is looked at but the source and the size", async () => {
    const request = webhook("not json", { "x-gitea-signature": "", "content-type": "image/png" });
    expect(await refusal(t.inbox.receive(request))).toBe(UNSIGNED);
    expect(await refusal(t.inbox.receive({ ...request, source: "nobody" }))).toBe(
      "unknown_source: There is no source nobody.",
    );
    const huge = Buffer.alloc(25 * 1024 * 1024 + 1);
    expect(await refusal(t.inbox.receive({ ...webhook("{}"), body: huge }))).toMatch(
      /^too_large: .*YARD_MAX_WEBHOOK_BODY/,
    );
  });

  it("leave nothing behind when they are refused", async () => {
    const count = async () =>
      (await t.database.pool.query("SELECT count(*) AS n FROM deliveries")).rows[0].n;
    const before = await count();
    await refusal(t.inbox.receive(webhook(issueBody(99), { "x-gitea-signature": sign("x") })));
    expect(await count()).toBe(before);
  });
});

describe("replies", () => {
  it("of an issue's events name the action and the issue (contract of the Mosaic coordinator)", async () => {
    const reply = await t.inbox.receive(webhook(issueBody(161)));
    expect(reply).toEqual({
      status: "success",
      action: "assigned",
      issue_number: 161,
      event: expect.any(String),
      type: "gitea.issue_assign",
    });
    const event = await t.events.detail(reply["event"] as string);
    expect(event).toMatchObject({
      type: "gitea.issue_assign",
      source: "gitea",
      subject: "mosaic/stack#161",
      data: issueBody(161),
      delivery: { source: "gitea", verified_by: expect.stringMatching(/^secret:/), duplicates: [] },
      decisions: [],
      runs: [],
    });
  });

  it("of other events name the event and its type", async () => {
    const body = { ref: "refs/heads/main", commits: [], repository: { full_name: "a/b" } };
    const reply = await t.inbox.receive(webhook(body));
    expect(reply).toEqual({ status: "success", event: expect.any(String), type: "gitea.push" });
  });

  it("come only when all is durable", async () => {
    const reply = await t.inbox.receive(webhook(issueBody(162)));
    const { rows } = await db.database.pool.query(
      "SELECT event_id FROM deliveries WHERE event_id = $1",
      [reply["event"]],
    );
    expect(rows).toHaveLength(1);
  });
});

describe("bodies", () => {
  const bodyOf = async (eventId: unknown): Promise<string> => {
    const { delivery_id } = await t.events.detail(eventId as string);
    const kept = await t.inbox.deliveryBody(delivery_id as string);
    return kept?.toString() ?? ((await t.events.dataText(eventId as string)) as string);
  };

  it("are kept byte for byte, white space and order included", async () => {
    const text = `{\n  "action": "opened",\t"issue" : {"number": 7, "number": 8.0, "title":"\\u00e9\\/" } }\n`;
    const reply = await t.inbox.receive(webhook(text));
    expect(await bodyOf(reply["event"])).toBe(text);
  });

  it("that give a key twice are judged by its last value, as their sender may not be asked to mend it", async () => {
    const reply = await t.inbox.receive(
      webhook('{"action":"opened","issue":{"number":7,"number":8},"issue":{"number":9}}'),
    );
    const { data } = await t.events.detail(reply["event"] as string);
    expect(data).toEqual({ action: "opened", issue: { number: 9 } });
  });

  it("of forms are signed over the field `payload`", async () => {
    const text = JSON.stringify(issueBody(163, "opened"));
    const form = `a=1&payload=${encodeURIComponent(text).replaceAll("%20", "+")}&b=2`;
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-gitea-signature": sign(text),
    };
    const reply = await t.inbox.receive(webhook(form, headers));
    expect(reply).toMatchObject({ action: "opened", issue_number: 163, type: "gitea.issues" });
    expect(await bodyOf(reply["event"])).toBe(form);
    const overRaw = { ...headers, "x-gitea-signature": sign(form) };
    expect(await refusal(t.inbox.receive(webhook(form, overRaw)))).toBe(UNSIGNED);
  });

  it.each([
    ["not JSON", "{nope", "invalid_json"],
    ["cut off", `{"a":`, "invalid_json"],
    ["empty", "", "invalid_json"],
    ["with a raw NUL", `{"a":"\u0000"}`, "invalid_json"],
    ["no object", "[1]", "invalid_json"],
    ["with a number that JSON cannot hold", '{"a":1e400}', "invalid_json"],
    ["nested too deep", `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, "invalid_json"],
    ["too much to be parsed", `{"a":[${"{},".repeat(200_000)}{}]}`, "too_large"],
  ])("that are %s are refused after they were kept", async (_, text, code) => {
    expect(await refusal(t.inbox.receive(webhook(text)))).toMatch(new RegExp(`^${code}`));
    const { rows } = await t.database.pool.query(
      "SELECT body, problem, event_id FROM deliveries ORDER BY id DESC LIMIT 1",
    );
    expect(rows[0]).toMatchObject({
      body: Buffer.from(text),
      event_id: null,
      problem: expect.any(String),
    });
  });

  it("of other content types are refused after they were kept", async () => {
    expect(await refusal(t.inbox.receive(webhook("<a/>", { "content-type": "text/xml" })))).toMatch(
      /^unsupported_media_type/,
    );
  });

  it("with escaped NULs, lone surrogates and bytes that are not UTF-8 are kept and judged", async () => {
    const escaped = `{"action":"opened","issue":{"number":9,"title":"a\\u0000b\\ud800c"},"repository":{"full_name":"x\\u0000\\ud800"}}`;
    const reply = await t.inbox.receive(webhook(escaped));
    expect(await bodyOf(reply["event"])).toBe(escaped);
    expect((await t.events.detail(reply["event"] as string)).subject).toBe("x\ufffd\ufffd#9");
    const raw = Buffer.concat([
      Buffer.from(`{"x":"`),
      Buffer.from([0xed, 0xa0, 0x80, 0xff]),
      Buffer.from(`"}`),
    ]);
    const second = await t.inbox.receive(webhook(raw));
    const { delivery_id } = await t.events.detail(second["event"] as string);
    expect(await t.inbox.deliveryBody(delivery_id as string)).toEqual(raw);
  });

  it("with integers beyond 2^53 are judged by the nearest number, and kept as they came", async () => {
    const text = '{"action":"opened","id":12345678901234567890}';
    const reply = await t.inbox.receive(webhook(text));
    expect(await bodyOf(reply["event"])).toBe(text);
    expect((await t.events.detail(reply["event"] as string)).data).toMatchObject({
      id: 12345678901234567000,
    });
  });

  it("keep no header that would let their reader act as the sender", async () => {
    const reply = await t.inbox.receive(
      webhook(issueBody(164), { authorization: "Bearer topsecret", "x-custom": "kept" }),
    );
    const { delivery } = await t.events.detail(reply["event"] as string);
    expect(JSON.stringify(delivery)).not.toContain("topsecret");
    expect(delivery).toMatchObject({
      headers: { authorization: "(not kept)", "x-custom": "kept" },
    });
  });
});
