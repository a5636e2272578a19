import type { Decision, Run, Step, YardEvent } from "@yardmaster/protocol";

export const RUN_ID = "0197a1b2-0000-7000-8000-000000000001";
export const EVENT_ID = "0197a1b2-0000-7000-8000-0000000000e1";
const START = "2026-01-01T00:59:57.000Z";
const END = "2026-01-01T00:59:59.000Z";

export function aRun(more: Partial<Run> = {}): Run {
  const isOver = ["success", "failed", "timed_out", "canceled"].includes(more.status ?? "");
  return {
    id: RUN_ID,
    ref: "examples.greet",
    status: "running",
    reason: null,
    paused_by: null,
    input: {},
    output: null,
    outputs: {},
    error: null,
    created_at: START,
    finished_at: isOver ? END : null,
    created_by: "token:admin",
    event_id: null,
    rule: null,
    retry_of: null,
    parent_id: null,
    pack_digest: null,
    traceparent: null,
    ...more,
  };
}

export function aStep(id: string, more: Partial<Step> = {}): Step {
  const isOver = ["success", "failed", "timed_out", "canceled"].includes(more.status ?? "");
  return {
    id,
    status: "queued",
    reason: null,
    uses: "core.echo",
    input: null,
    output: null,
    error: null,
    started_at: more.status === undefined ? null : START,
    finished_at: isOver ? END : null,
    attempts: [],
    items: null,
    ...more,
  };
}

export function anEvent(more: Partial<YardEvent> = {}): YardEvent {
  return {
    id: EVENT_ID,
    source: "gitea",
    type: "gitea.issue_assign",
    subject: "issue 7",
    time: START,
    received_at: START,
    delivery_id: null,
    traceparent: null,
    data: { title: "\u001b[2JHello" },
    ...more,
  };
}

export function aDecision(more: Partial<Decision> = {}): Decision {
  return {
    id: "0197a1b2-0000-7000-8000-0000000000d1",
    event_id: EVENT_ID,
    rule: "examples.on-assign",
    status: "matched",
    clause: null,
    reason: null,
    run_id: RUN_ID,
    replay: 0,
    decided_at: START,
    ...more,
  };
}
