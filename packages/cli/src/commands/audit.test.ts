import type { AuditRecord, AuditVerification } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { CALL_ID } from "../testing/fake-node.ts";
import { startWireServer } from "../testing/wire-server.ts";

const ENTRY: AuditRecord = {
  seq: 2,
  id: "0197a1b2-0000-7000-8000-0000000000b2",
  ts: "2026-01-01T00:59:00.000Z",
  actor: "token:ada",
  action: "node.exec",
  node: "lab-7",
  node_id: null,
  request_id: CALL_ID,
  phase: "end",
  status: "timed_out",
  duration_ms: 1_500,
  exit_code: 7,
  session_id: null,
  details: { command: "make \u001b[2Jtest" },
  hash: "ab".repeat(32),
};

test("lists who did what, by each filter", async () => {
  const begin = {
    ...ENTRY,
    phase: "begin",
    status: null,
    duration_ms: null,
    exit_code: null,
    details: { step: "set", attempt: 2, labels: { os: "linux" }, process: "p" },
  };
  const { env, requests } = await startWireServer({ "GET /v1/audit": { json: [ENTRY, begin] } });
  const filter = ["--node", "lab-7", "--since", "1h", "--open", "--request", CALL_ID];
  const { stdout } = await callYard(["audit", ...filter], { env });
  expect(stdout).toMatch(
    new RegExp(
      `1 min ago +lab-7 +node.exec +timed out +1\\.5s +7 +token:ada +${CALL_ID} +make test\\n`,
    ),
  );
  expect(stdout).toMatch(
    /node.exec +begin +token:ada .*step=set attempt=2 labels={"os":"linux"}\n/,
  );
  const query = new URLSearchParams(requests[0]?.path.split("?")[1]);
  expect(Object.fromEntries(query)).toEqual({
    limit: "50",
    node: "lab-7",
    request: CALL_ID,
    open: "true",
    since: "2026-01-01T00:00:00.000Z",
  });
});

const mark = (seq: number) => ({ seq, ts: "2026-01-01T00:00:00.000Z", hash: `hash-${seq}` });
const PART: AuditVerification = {
  ok: true,
  entries: 100_000,
  first: mark(1),
  last: mark(100_000),
  broken: null,
  next: 100_000,
};

test("walks the whole chain, and says in which hash it ends", async () => {
  const last = { ...PART, entries: 5, first: mark(100_001), last: mark(100_005), next: null };
  let asked = 0;
  const { env } = await startWireServer({
    "GET /v1/audit/verify": () => ({ json: [PART, last][asked++] }),
  });
  const call = await callYard(["audit", "verify"], { env });
  expect(call).toMatchObject({ exitCode: 0, stderr: "" });
  expect(call.stdout).toMatch(/100005 entries, 1 to 100005: nothing was changed/);
  expect(call.stdout).toContain("in hash-100005");
});

test("exits with 1 where the chain is broken, and names the first place and why", async () => {
  const broken = { seq: 7, why: "missing", detail: "entry 7 is gone" } as const;
  const found = { ...PART, ok: false, entries: 6, last: mark(6), broken, next: null };
  const { env } = await startWireServer({ "GET /v1/audit/verify": { json: found } });
  const call = await callYard(["audit", "verify"], { env });
  expect(call.exitCode).toBe(1);
  expect(call.stdout).toMatch(
    /broken at entry 7: missing\n {2}entry 7 is gone\n {2}6 entries, 1 to 6/,
  );
  const json = await callYard(["audit", "verify", "--json"], { env });
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, broken });
  expect(json.exitCode).toBe(1);
});
