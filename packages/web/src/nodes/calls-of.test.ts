import type { AuditRecord } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callsOf } from "./calls-of.ts";

let seq = 0;
function entry(more: Partial<AuditRecord>): AuditRecord {
  seq += 1;
  return {
    ...{ seq, id: `entry-${seq}`, ts: `2026-01-01T00:00:0${seq % 10}.000Z`, hash: "" },
    ...{ actor: "token:admin", action: "node.exec", node: "lab", node_id: "n", request_id: null },
    ...{ phase: "event", status: null, duration_ms: null, exit_code: null, session_id: null },
    details: {},
    ...more,
  };
}

test("makes one act of the begin and the end of a call, wherever others came between", () => {
  const begin = entry({ phase: "begin", request_id: "a", details: { command: "uname -a" } });
  const between = entry({ action: "node.connect", details: { address: "192.0.2.7" } });
  const end = entry({ phase: "end", request_id: "a", status: "ok", exit_code: 0, duration_ms: 40 });
  const acts = callsOf([end, between, begin]);
  expect(acts.map(({ what, about, status }) => [what, about, status])).toEqual([
    ["exec", "uname -a", "ok"],
    ["connect", "192.0.2.7", null],
  ]);
  expect(acts[0]).toMatchObject({ at: begin.ts, exitCode: 0, durationMs: 40 });
});

test("shows a call without an end as one that goes on, and an end whose begin is further back", () => {
  const begin = entry({
    phase: "begin",
    action: "node.read",
    request_id: "b",
    details: { path: "/srv" },
  });
  const end = entry({ phase: "end", request_id: "c", status: "error", exit_code: 3 });
  expect(callsOf([begin, end])).toMatchObject([
    { what: "read", about: "/srv", status: null },
    { what: "exec", about: "", status: "error", exitCode: 3 },
  ]);
});
