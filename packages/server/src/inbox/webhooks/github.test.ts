import type { JsonObject } from "@yardmaster/protocol";
import { isAppError } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { githubBodies } from "../../../test/github-bodies.ts";
import { issueBody, SECRET, sign, startIntake, type TestIntake } from "../../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";

const FILES = {
  "sources/hub.yaml": "source: hub\nkind: github\nsecret: { env: HUB_SECRET }\n",
  "rules/issues.yaml":
    'rule: t.issues\non: github.issues\nif: event.data.action == "assigned"\nrun: core.noop\n',
};

let db: TestDatabase;
let t: TestIntake;
let deliveries = 0;
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url, { files: FILES, environment: { HUB_SECRET: SECRET } });
});
afterAll(async () => {
  await t?.close();
  await db?.drop();
});

/** As GitHub sends: signed over the raw body, whatever its form. */
function send(
  event: string,
  body: JsonObject | string,
  headers: Record<string, string | undefined> = {},
): Promise<JsonObject> {
  const raw = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const sent = {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/1",
    "x-github-event": event,
    "x-github-delivery": `delivery-${deliveries++}`,
    "x-hub-signature": "sha1=0000000000000000000000000000000000000000",
    "x-hub-signature-256": `sha256=${sign(raw)}`,
    ...headers,
  };
  return t.inbox.receive({ source: "hub", headers: sent, body: raw });
}

const formOf = (body: JsonObject): string =>
  new URLSearchParams({ payload: JSON.stringify(body) }).toString();
const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("GitHub", () => {
  it("has every recorded body of every event taken, kept and named in its own words", async () => {
    for (const { name, examples } of githubBodies) {
      const replies = await Promise.all(examples.map((body) => send(name, body)));
      for (const [i, reply] of replies.entries()) {
        const body = examples[i] as JsonObject;
        expect(reply).toMatchObject({ status: "success", type: `github.${name}` });
        const event = await t.events.find(reply["event"] as string);
        expect(event?.data, name).toEqual(body);
        const { repository } = body as { repository?: { full_name: string } };
        const about = repository?.full_name ?? (body["organization"] as JsonObject)?.["login"];
        expect(event?.subject?.replace(/#\d+$/, ""), name).toBe(about);
      }
    }
  });

  it("is answered, judged and its subject named as for other forges", async () => {
    const reply = await send("issues", issueBody(161));
    expect(reply).toEqual({
      status: "success",
      action: "assigned",
      issue_number: 161,
      event: expect.any(String),
      type: "github.issues",
    });
    const event = await t.events.detail(reply["event"] as string);
    expect(event).toMatchObject({ source: "hub", subject: "mosaic/stack#161" });
    expect(event.decisions).toMatchObject([{ rule: "t.issues", status: "matched" }]);
    const discussion = { discussion: { number: 7 }, repository: { full_name: "a/b" } };
    const { event: other } = await send("discussion", discussion);
    expect((await t.events.find(other as string))?.subject).toBe("a/b#7");
  });

  it("has its ping answered, and kept as an event", async () => {
    const ping = { zen: "Design for failure.", hook_id: 1, hook: { type: "Repository" } };
    expect(await send("ping", ping)).toEqual({
      status: "success",
      event: expect.any(String),
      type: "github.ping",
    });
  });

  it("signs forms as they are sent, and the payload in them is the data", async () => {
    const body = issueBody(162, "opened");
    const reply = await send("issues", formOf(body), FORM);
    expect(reply).toMatchObject({ action: "opened", issue_number: 162, type: "github.issues" });
    expect((await t.events.find(reply["event"] as string))?.data).toEqual(body);
    const overPayload = { "x-hub-signature-256": `sha256=${sign(JSON.stringify(body))}` };
    await expect(send("issues", formOf(body), { ...FORM, ...overPayload })).rejects.toMatchObject({
      code: "invalid_signature",
    });
  });

  it("is refused when it is a form without a payload", async () => {
    const error = await send("issues", "other=1", FORM).catch((thrown: unknown) => thrown);
    expect(isAppError(error) && error.code).toBe("invalid_json");
  });

  it.each([
    ["none", undefined],
    ["SHA-1 alone", undefined],
    ["under another secret", `sha256=${sign(JSON.stringify(issueBody(163)), "other")}`],
    ["of other bytes", `sha256=${sign("{}")}`],
    ["without its prefix", sign(JSON.stringify(issueBody(163)))],
    ["empty", ""],
  ])("is refused where its signature is %s", async (_, signature) => {
    const headers = {
      "x-hub-signature-256": signature,
      "x-gitea-signature": sign(JSON.stringify(issueBody(163))),
    };
    await expect(send("issues", issueBody(163), headers)).rejects.toMatchObject({
      code: "invalid_signature",
      message: "Invalid or missing signature",
    });
  });

  it("repeats a delivery by its id alone: the same body under another id is another fact", async () => {
    const body = issueBody(164);
    const first = await send("issues", body, { "x-github-delivery": "again" });
    expect(await send("issues", body, { "x-github-delivery": "again" })).toEqual(first);
    const other = await send("issues", body);
    expect(other["event"]).not.toBe(first["event"]);
    const runs = await t.events.detail(first["event"] as string);
    expect(runs.runs).toHaveLength(1);
  });

  it("is refused, and kept with its problem, where its event is not named: the body may be of several", async () => {
    const error = await send("", { ref: "refs/heads/main", commits: [] }).catch(
      (it: unknown) => it,
    );
    expect(isAppError(error) && [error.code, error.message]).toEqual([
      "invalid_request",
      "The delivery is refused: the header X-GitHub-Event is missing.",
    ]);
    const [kept] = await t.inbox.deliveries({ limit: 1 });
    expect(kept).toMatchObject({ problem: "the header X-GitHub-Event is missing" });
  });

  it("is repeated within 10 minutes where a relay dropped its id", async () => {
    const headers = { "x-github-delivery": undefined };
    const first = await send("issues", issueBody(165), headers);
    expect(await send("issues", issueBody(165), headers)).toEqual(first);
  });
});
