import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Replayed, ReplayReport, Rule, RuleHistory, RuleTrial } from "@yardmaster/protocol";
import { expect, onTestFinished, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { EVENT_ID, RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, type WireRequest } from "../testing/wire-server.ts";

const RULE: Rule = {
  rule: "shop.big",
  on: "shop.sold",
  if: "event.data.n > 1",
  run: "shop.take",
  status: "paused",
  since: "2026-01-01T00:00:00.000Z",
  by: "token:ada",
  matched: { count: 3, at_least: true, last_at: "2026-01-01T00:30:00.000Z" },
  description: null,
};

const TRIAL: RuleTrial = {
  rule: "shop.big",
  listens: true,
  held: null,
  status: "not_matched",
  clause: "event.data.n > 1",
  reason: null,
  clauses: [
    {
      clause: "event.data.n > 1",
      outcome: "false",
      message: null,
      values: [{ path: "event.data.n", found: true, value: 1, cut: false }],
    },
  ],
  run: null,
};

const HISTORY: RuleHistory = {
  rule: "shop.big",
  held: null,
  judged: 2,
  matched: 1,
  not_matched: 1,
  error: 0,
  clauses: [{ clause: "event.data.n > 1", count: 1 }],
  matches: [
    {
      event_id: EVENT_ID,
      type: "shop.sold",
      source: "s",
      subject: "cart/1",
      received_at: "2026-01-01T00:00:00.000Z",
      run: { ref: "shop.take", input: { n: 2 } },
    },
  ],
  errors: [],
  next: null,
};

const REPLAYED: Replayed = {
  event_id: EVENT_ID,
  type: "shop.sold",
  replay: 2,
  repeated: false,
  decisions: [
    { rule: "shop.big", status: "matched", clause: null, reason: null, run_id: RUN_ID, run: null },
    { rule: "shop.odd", status: "held", clause: null, reason: "paused", run_id: null, run: null },
  ],
};

test("lists rules with since when and by whom, and shows one with its place and text", async () => {
  const detail = {
    folder: "/packs/shop",
    file: "rules/big.yaml",
    line: 2,
    source: "rule: shop.big\n",
    errors: [],
  };
  const { env } = await startWireServer({
    "GET /v1/rules": { json: [RULE] },
    "GET /v1/rules/shop.big": { json: { ...RULE, ...detail, pack: "shop", pack_digest: "d" } },
  });
  expect((await callYard(["rules"], { env })).stdout).toMatch(
    /shop\.big +paused +1 h ago +token:ada +3\+ +30 min ago +shop\.sold +shop\.take\n/,
  );
  const { stdout } = await callYard(["rules", "show", "shop.big"], { env });
  expect(stdout).toContain("/packs/shop/rules/big.yaml:2\n");
  expect(stdout).toMatch(/rule: shop\.big\n$/);
});

test("shows with a rule whose file is broken now where and why, and not all at once", async () => {
  const errors = Array.from({ length: 7 }, (_, i) => ({
    path: `rules/big.yaml:${i + 2}:1`,
    message: `is wrong (${i})\nand more`,
  }));
  const detail = {
    folder: "/packs/shop",
    file: "rules/big.yaml",
    line: 1,
    source: "rule: shop.big",
  };
  const { env } = await startWireServer({
    "GET /v1/rules/shop.big": {
      json: { ...RULE, ...detail, pack: "shop", pack_digest: "d", errors },
    },
  });
  const { stdout } = await callYard(["rules", "show", "shop.big"], { env });
  expect(stdout).toContain(
    "the last good version, which goes on:\n  rules/big.yaml:2:1: is wrong (0)\n",
  );
  expect(stdout).toContain("  and 2 more: yard pack check /packs/shop\n");
  expect(stdout).not.toContain("and more\n");
});

test("pauses and resumes a rule, and explains one also by `yard explain`", async () => {
  const explained = {
    rule: "shop.big",
    status: "paused",
    summary: "It starts nothing",
    chain: [],
    unblock: ["Resume it"],
    breaks: false,
    clauses: [],
    decisions: {},
  };
  const { env } = await startWireServer({
    "POST /v1/rules/shop.big/pause": { json: RULE },
    "POST /v1/rules/shop.big/resume": { json: { ...RULE, status: "active" } },
    "GET /v1/rules/shop.big/explain": { json: explained },
  });
  expect((await callYard(["rules", "pause", "shop.big"], { env })).stdout).toBe(
    "shop.big  paused since 2026-01-01T00:00:00.000Z by token:ada\n",
  );
  expect((await callYard(["rules", "resume", "shop.big"], { env })).stdout).toContain("active");
  const said = await callYard(["rules", "explain", "shop.big"], { env });
  expect(said.stdout).toBe("◌ It starts nothing\nWhat would move it:\n  Resume it\n");
  expect(await callYard(["explain", "shop.big"], { env })).toEqual(said);
});

test("marks no rule as well that could not judge the newest event", async () => {
  const summary = "It could not be judged";
  const explained = { rule: "shop.big", status: "active", breaks: true, summary };
  const { env } = await startWireServer({
    "GET /v1/rules/shop.big/explain": {
      json: { ...explained, chain: [], unblock: [], clauses: [], decisions: {} },
    },
  });
  const { stdout } = await callYard(["explain", "shop.big"], { env });
  expect(stdout).toBe("✗ It could not be judged\n");
});

test("tries a rule on an event: by its id, or from a file", async () => {
  const { env, requests } = await startWireServer({ "POST /v1/rules/test": { json: TRIAL } });
  const call = await callYard(["rules", "test", "shop.big", "--event", EVENT_ID], { env });
  expect(call).toMatchObject({ exitCode: 1 });
  expect(call.stdout).toBe(
    "– shop.big  not matched\n  ✗ event.data.n > 1  false\n      event.data.n = 1\n",
  );
  const stdin = '{"type":"shop.sold"}';
  await callYard(["rules", "test", "shop.big", "--event", "-"], { env, stdin });
  expect(requests.map(({ body }) => body)).toEqual([
    { rule: "shop.big", event_id: EVENT_ID },
    { rule: "shop.big", event: { type: "shop.sold" } },
  ]);
});

test("tries the rule of a file on what came since a time, piece by piece", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "yard-rules-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "new.yaml"), "rule: shop.new\n");
  const { env, requests } = await startWireServer({
    "POST /v1/rules/test": ({ body }: WireRequest) => ({
      json: {
        ...HISTORY,
        next: (body as { cursor?: string }).cursor === undefined ? EVENT_ID : null,
      },
    }),
  });
  const argv = ["rules", "test", "--file", "new.yaml", "--since", "7d", "--matches", "1"];
  const call = await callYard(argv, { env, cwd });
  expect(call).toMatchObject({ exitCode: 0 });
  expect(call.stdout).toContain(
    "4 events: 2 matched, 2 not matched\n  – 2 × not so: event.data.n > 1\n",
  );
  expect(call.stdout).toContain(`✓ ${EVENT_ID}`);
  expect(call.stdout).toContain("… and 1 more (--matches)");
  const asked = {
    file: { path: "new.yaml", text: "rule: shop.new\n" },
    since: "2025-12-25T01:00:00.000Z",
    matches: 1,
  };
  expect(requests.map(({ body }) => body)).toEqual([asked, { ...asked, cursor: EVENT_ID }]);
});

test.each([
  [["rules", "test", "--since", "7d"], "Name a rule"],
  [["rules", "test", "a.b", "--file", "x.yaml", "--since", "7d"], "--file; not both"],
  [["rules", "test", "a.b"], "Say on what"],
  [["rules", "test", "a.b", "--event", EVENT_ID, "--until", "1h"], "--until goes with --since"],
  [["rules", "test", "a.b", "--event", EVENT_ID, "--matches", "9"], "--matches goes with --since"],
  [["rules", "test", "a.b", "--since", "soon"], "It must be a time ago"],
  [["rules", "test", "a.b", "--since", "1h", "--until", "2h"], "must be the later of the two"],
  [["events", "--since", "1h", "--until", "1h"], "must be the later of the two"],
  [["events", "replay", "--since", "1h", "--until", "2h"], "must be the later of the two"],
  [["runs", "--since", "1h", "--until", "2h"], "must be the later of the two"],
  [["retry", "--all", "--since", "1h", "--until", "2h"], "must be the later of the two"],
  [["events", "replay"], "Name an event"],
  [["events", "replay", EVENT_ID, "--type", "a.b"], "not both"],
  [["events", "replay", "--since", "1d", "--resume", "x"], "is no replay"],
])("refuses %j", async (argv, sentence) => {
  const call = await callYard(argv, { env: { YARD_URL: "http://127.0.0.1:9", YARD_TOKEN: "t" } });
  expect(call).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(sentence) });
});

test("replays an event, and says what each rule made of it", async () => {
  const { env, requests } = await startWireServer({
    [`POST /v1/events/${EVENT_ID}/replay`]: { json: REPLAYED },
  });
  const call = await callYard(["events", "replay", EVENT_ID, "--rule", "shop.big"], { env });
  expect(call.stdout).toBe(
    `shop.sold  ${EVENT_ID}  replay 2\n  ✓ shop.big  matched  ${RUN_ID}\n  ◌ shop.odd  held  paused\n`,
  );
  expect(requests[0]).toMatchObject({
    body: { rule: "shop.big", dry_run: false },
    headers: { "idempotency-key": expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
});

test("replays many page by page under one batch, and says how to go on where it is broken off", async () => {
  const { env, requests } = await startWireServer({
    "POST /v1/events/replay": ({ body }: WireRequest) => {
      const { batch, cursor } = body as { batch: string; cursor?: string };
      const report: ReplayReport = {
        batch,
        dry_run: false,
        events: [{ ...REPLAYED, repeated: cursor !== undefined }],
        unheard: 1,
        next: cursor === undefined ? EVENT_ID : null,
      };
      return { json: report };
    },
  });
  const argv = ["events", "replay", "--type", "shop.*", "--since", "1d"];
  const call = await callYard(argv, { env });
  expect(call).toMatchObject({ exitCode: 0 });
  expect(call.stdout).toMatch(
    /2 events replayed, 1 done before, 2 that no rule listens to: 2 matched, 2 held\.\n$/,
  );
  const [first, second] = requests.map(({ body }) => body as { batch: string; cursor?: string });
  expect(first).toMatchObject({
    type: "shop.*",
    since: "2025-12-31T01:00:00.000Z",
    dry_run: false,
  });
  expect(second).toEqual({ ...first, cursor: EVENT_ID });
  expect(call.stderr).toBe(
    `If it is broken off: yard events replay --type 'shop.*' --since 2025-12-31T01:00:00.000Z --resume ${first?.batch}\n`,
  );
  const resumed = await callYard([...argv, "--resume", first?.batch ?? ""], { env });
  expect(resumed).toMatchObject({ exitCode: 0 });
  expect(requests[2]).toMatchObject({ body: { batch: first?.batch } });
  const held = await callYard([...argv, "--rule", "shop.big", "--outcome", "held"], { env });
  expect(held.stderr).toContain(" --rule shop.big --outcome held --resume ");
  expect(requests.at(-1)).toMatchObject({ body: { rule: "shop.big", outcome: "held" } });
  expect(await callYard([...argv, "--outcome", "held"], { env })).toMatchObject({
    exitCode: 2,
    stderr: "yard: --outcome needs --rule: whose decision is meant\n",
  });
  const dry = await callYard([...argv, "--dry-run"], { env });
  expect(dry).toMatchObject({ stderr: "", stdout: expect.stringContaining("would be replayed") });
});
