import {
  isSlotFinal,
  type RunState,
  type SlotState,
  type StepDefinition,
  type StepState,
  slotKey,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { StepStatus } from "@yardmaster/protocol";
import type { AttemptView, ItemView, StepRecord } from "./engine.types.ts";
import type { DispatchView } from "./reading.store.ts";

/** The steps of a run, from its folded state and what its open attempts are doing now. */
export function stepRecords(
  workflow: WorkflowDefinition,
  state: RunState,
  dispatch: readonly DispatchView[],
): StepRecord[] {
  const open = new Map(dispatch.map((row) => [row.slot, row]));
  return workflow.steps.map((step) => stepRecord(step, state.steps[step.id] as StepState, open));
}

type Open = ReadonlyMap<string, DispatchView>;

function stepRecord(step: StepDefinition, state: StepState, open: Open): StepRecord {
  const plain = state.items === undefined ? state.slots[0] : undefined;
  const key = slotKey(step.id, undefined);
  return {
    id: step.id,
    status: stepStatus(step, state, open),
    reason: reasonOf(open.get(key)),
    uses: step.action.ref,
    input: plain?.input ?? null,
    output: state.output ?? null,
    error: state.error ?? null,
    started_at: iso(state.startedAt),
    finished_at: iso(state.endedAt),
    attempts: plain === undefined ? [] : attemptViews(plain, open.get(key)),
    items:
      state.items === undefined
        ? null
        : state.slots.map((slot, index) => itemView(step, slot, index, open)),
  };
}

function stepStatus(step: StepDefinition, state: StepState, open: Open): StepStatus {
  if (state.phase === "pending") return "queued";
  if (state.phase !== "active") return state.phase;
  const statuses = state.slots.map((slot, index) =>
    slotStatus(slot, open.get(slotKey(step.id, state.items === undefined ? undefined : index))),
  );
  if (statuses.includes("running")) return "running";
  return statuses.includes("waiting") ? "waiting" : "queued";
}

function slotStatus(slot: SlotState, row: DispatchView | undefined): StepStatus {
  if (isSlotFinal(slot)) return slot.phase as StepStatus;
  if (slot.phase === "timing") return "waiting";
  if (slot.phase === "idle" || row === undefined) return "queued";
  if (row.state === "leased") return "running";
  return row.state === "delayed" || row.queue !== "" ? "waiting" : "queued";
}

function reasonOf(row: DispatchView | undefined): string | null {
  if (row === undefined || row.state === "leased") return null;
  if (row.state === "delayed") return `tries again at ${row.due_at}`;
  return row.queue === ""
    ? "waits for a free worker"
    : `waits for its turn in queue "${row.queue}"`;
}

function itemView(step: StepDefinition, slot: SlotState, index: number, open: Open): ItemView {
  const row = open.get(slotKey(step.id, index));
  return {
    index,
    status: slotStatus(slot, row),
    output: slot.output ?? null,
    error: slot.error ?? null,
    attempts: attemptViews(slot, row),
  };
}

function attemptViews(slot: SlotState, row: DispatchView | undefined): AttemptView[] {
  const ended = slot.attempts.map((attempt) => ({
    number: attempt.number,
    status: attempt.status,
    worker: attempt.worker ?? null,
    started_at: iso(attempt.startedAt),
    finished_at: iso(attempt.endedAt),
    error: attempt.error ?? null,
  }));
  if (row === undefined || row.state !== "leased") return ended;
  const running = {
    status: "running",
    worker: row.session_id,
    started_at: row.leased_at,
    finished_at: null,
    error: null,
  };
  return [...ended, { number: row.number, ...running }];
}

function iso(unixMs: number | undefined): string | null {
  return unixMs === undefined ? null : new Date(unixMs).toISOString();
}
