import {
  type AttemptFacts,
  hasParts,
  isSlotFinal,
  type RunState,
  type Section,
  type SlotState,
  type StepDefinition,
  type StepState,
  slotKey,
  undoKey,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { AttemptMeasures, StepFile, StepStatus } from "@yardmaster/protocol";
import { inquiryId } from "../inquiries/inquiry-id.ts";
import type { AttemptView, ItemView, StepRecord, UndoView } from "./reading.types.ts";
import type { ChildView, DispatchView } from "./waiting.store.ts";
import { waitsFor } from "./waits-for.ts";

/** The steps of a run, from its folded state and what its open attempts are doing now. */
export function stepRecords(
  workflow: WorkflowDefinition,
  state: RunState,
  dispatch: readonly DispatchView[],
  children: readonly Pick<ChildView, "slot" | "child_id" | "is_born">[] = [],
): StepRecord[] {
  const open: Open = {
    rows: new Map(dispatch.map((row) => [row.slot, row])),
    children: new Map(children.map((child) => [child.slot, child])),
    isPaused: state.pausedBy !== undefined,
    runId: state.facts.id,
  };
  const listed = (steps: readonly StepDefinition[] = [], section: Section): StepRecord[] =>
    steps.flatMap((step) => {
      const own = state.steps[step.id];
      return own === undefined ? [] : [stepRecord(step, own, section, open)];
    });
  return [
    ...listed(workflow.steps, "steps"),
    ...listed(workflow.onFailure, "on_failure"),
    ...listed(workflow.finally, "finally"),
  ];
}

/** What is under way, by slot: attempts, and the runs that are steps. */
interface Open {
  readonly rows: ReadonlyMap<string, DispatchView>;
  readonly children: ReadonlyMap<string, Pick<ChildView, "child_id" | "is_born">>;
  /** Of a paused run nothing more is started, whatever else it would wait for. */
  readonly isPaused: boolean;
  readonly runId: string;
}

function stepRecord(
  step: StepDefinition,
  state: StepState,
  section: Section,
  open: Open,
): StepRecord {
  const plain = hasParts(step) ? undefined : state.slots[0];
  const key = slotKey(step, 0);
  const undo = plain && undoView(step, plain, key, open);
  const plainFiles = step.forEach === undefined ? (state.files as readonly StepFile[]) : undefined;
  const views = hasParts(step)
    ? state.slots.map((slot, index) => itemView(step, slot, index, open))
    : [];
  return {
    id: step.id,
    status: stepStatus(step, state, open),
    reason: reasonOf(step, state, open),
    uses: step.action.ref,
    input: plain?.input ?? null,
    output: state.output ?? null,
    error: state.error ?? null,
    ...(plainFiles === undefined ? {} : { files: plainFiles }),
    started_at: iso(state.startedAt),
    finished_at: iso(state.endedAt),
    attempts: plain === undefined ? [] : attemptViews(step, plain, key, open),
    ...(plain === undefined ? {} : openInquiry(plain, key, open)),
    items: state.items === undefined ? null : views,
    ...(step.repeat === undefined ? {} : { rounds: views }),
    ...(undo === undefined ? {} : { undo }),
    ...(state.reused ? { reused: true } : {}),
    ...(section === "steps" ? {} : { section }),
  };
}

function stepStatus(step: StepDefinition, state: StepState, open: Open): StepStatus {
  if (state.phase === "pending") return "queued";
  if (state.phase !== "active") return state.phase;
  const statuses = state.slots.map((slot, index) =>
    slotStatus(slot, open.rows.get(slotKey(step, index))),
  );
  if (statuses.includes("running")) return "running";
  return statuses.includes("waiting") ? "waiting" : "queued";
}

const WAITING: ReadonlySet<SlotState["phase"]> = new Set([
  "timing",
  "delayed",
  "calling",
  "asking",
  "deciding",
  "stopping_child",
]);

function slotStatus(slot: SlotState, row: DispatchView | undefined): StepStatus {
  if (isSlotFinal(slot)) return slot.phase as StepStatus;
  if (WAITING.has(slot.phase)) return "waiting";
  if (slot.phase === "idle" || row === undefined) return "queued";
  if (row.state === "leased") return "running";
  return row.state === "delayed" || row.queue !== "" ? "waiting" : "queued";
}

function reasonOf(step: StepDefinition, state: StepState, open: Open): string | null {
  const last = state.slots.at(-1)?.phase;
  if (last === "delayed") return "waits between two rounds or attempts";
  if (last === "asking" || last === "deciding") return askReason(step, state, open);
  if (last === "calling" || last === "stopping_child") return callReason(step, state, open);
  const row = hasParts(step) ? undefined : open.rows.get(slotKey(step, 0));
  if (row === undefined || row.state === "leased") return null;
  if (row.state === "delayed") return `tries again at ${row.due_at}`;
  if (open.isPaused) return NOT_STARTED;
  return row.queue === "" ? waitsFor(row.runner) : `waits for its turn in queue "${row.queue}"`;
}

function askReason(step: StepDefinition, { slots }: StepState, { runId }: Open): string {
  if (step.forEach !== undefined) return "waits for answers";
  const index = slots.length - 1;
  const number = slots[index]?.number ?? 0;
  return `waits for an answer to inquiry ${inquiryId(runId, { slot: slotKey(step, index), number })}`;
}

function openInquiry(
  { phase, number }: SlotState,
  slot: string,
  { runId }: Open,
): { inquiry?: string } {
  if (phase !== "asking" && phase !== "deciding") return {};
  return { inquiry: inquiryId(runId, { slot, number }) };
}

const NOT_STARTED = "is not started before the run is resumed";

function callReason(step: StepDefinition, { slots }: StepState, open: Open): string {
  if (step.forEach !== undefined) return "waits for the runs that it started";
  const child = open.children.get(slotKey(step, slots.length - 1));
  if (child === undefined) return "waits for the run that it started";
  // Before its birth nobody finds it by its id.
  if (!child.is_born) return open.isPaused ? NOT_STARTED : "its run is not started yet";
  return `waits for its run ${child.child_id}`;
}

function itemView(step: StepDefinition, slot: SlotState, index: number, open: Open): ItemView {
  const key = slotKey(step, index);
  const row = open.rows.get(key);
  const undo = undoView(step, slot, key, open);
  return {
    index,
    status: slotStatus(slot, row),
    ...(slot.input === undefined ? {} : { input: slot.input }),
    output: slot.output ?? null,
    error: slot.error ?? null,
    ...(slot.files === undefined ? {} : { files: slot.files }),
    attempts: attemptViews(step, slot, key, open),
    ...openInquiry(slot, key, open),
    ...(undo === undefined ? {} : { undo }),
    ...(slot.reused ? { reused: true } : {}),
  };
}

function undoView(
  step: StepDefinition,
  { undo }: SlotState,
  slot: string,
  open: Open,
): UndoView | undefined {
  if (undo === undefined || step.undo === undefined) return undefined;
  const key = undoKey(slot);
  const row = open.rows.get(key);
  return {
    status: slotStatus(undo, row),
    uses: step.undo.action.ref,
    input: undo.input ?? null,
    error: undo.error ?? null,
    attempts: attemptViews(step.undo, undo, key, open),
  };
}

function attemptViews(
  step: StepDefinition,
  slot: SlotState,
  key: string,
  { rows, runId }: Open,
): AttemptView[] {
  const row = rows.get(key);
  const asks = step.action.runner.kind === "ask";
  const ended = slot.attempts.map((attempt) => ({
    number: attempt.number,
    status: attempt.status,
    worker: attempt.worker ?? null,
    started_at: iso(attempt.startedAt),
    finished_at: iso(attempt.endedAt),
    error: attempt.error ?? null,
    ...(attempt.facts === undefined ? {} : { facts: measuresOf(attempt.facts) }),
    ...(attempt.run === undefined ? {} : { run: attempt.run }),
    ...(asks ? { inquiry: inquiryId(runId, { slot: key, number: attempt.number }) } : {}),
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

function measuresOf(facts: AttemptFacts): AttemptMeasures {
  const { durationMs, pid, exitCode, signal, stdoutBytes, stderrBytes, leftBehind } = facts;
  return {
    duration_ms: durationMs,
    ...(pid === undefined ? {} : { pid }),
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(stdoutBytes === undefined ? {} : { stdout_bytes: stdoutBytes }),
    ...(stderrBytes === undefined ? {} : { stderr_bytes: stderrBytes }),
    ...(facts.stdoutCut ? { stdout_cut: true } : {}),
    ...(facts.stderrCut ? { stderr_cut: true } : {}),
    ...(leftBehind === undefined ? {} : { left_behind: leftBehind }),
  };
}

function iso(unixMs: number | undefined): string | null {
  return unixMs === undefined ? null : new Date(unixMs).toISOString();
}
