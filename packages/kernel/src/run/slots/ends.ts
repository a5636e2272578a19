import type { StepFile, WorkError } from "@yardmaster/protocol";
import { notTriedAgain, pauseMs, retryDelayMs } from "../../definitions/index.ts";
import type { ChildEnded } from "../events.ts";
import type { AttemptRecord, SlotState } from "../state.ts";
import { type SlotContext, type SlotMove, start } from "./start-attempt.ts";

/** Limits of a provider in a row that are waited for; a cap that asked for ever would be none. */
export const MAX_PAUSES_IN_ROW = 100;

type Ended = Pick<ChildEnded, "status" | "output" | "error" | "random"> & {
  readonly files?: readonly StepFile[];
};

/** What follows the end of a try that was not lost: the slot's end, or another try. */
export function afterEnd(slot: SlotState, event: Ended, context: SlotContext): SlotMove {
  if (event.status === "success") return { next: succeed(slot, event), effects: [] };
  const pause = event.status === "failed" ? pauseMs(event.error) : undefined;
  if (pause !== undefined) {
    const waits = context.starts && pausesInRow(slot) <= MAX_PAUSES_IN_ROW;
    return waits
      ? again(slot, context, pause)
      : { next: fail(slot, "failed", event.error), effects: [] };
  }
  const policy = context.step.retry;
  const isOver = event.status === "canceled" || !context.starts || slot.tries >= policy.attempts;
  if (isOver) return { next: fail(slot, event.status, event.error), effects: [] };
  const error = event.error ?? errorOf(event.status);
  const why = notTriedAgain(policy, error);
  if (why !== undefined)
    return {
      next: fail(slot, event.status, why === "" ? error : withWhy(error, why)),
      effects: [],
    };
  return again(slot, context, retryDelayMs(policy, slot.tries, event.random, event.error));
}

function pausesInRow({ attempts }: SlotState): number {
  return attempts.length - 1 - attempts.findLastIndex(({ error }) => pauseMs(error) === undefined);
}

/** The next try. */
export function again(slot: SlotState, context: SlotContext, delayMs: number): SlotMove {
  return start({ ...slot, number: slot.number + 1 }, context, delayMs);
}

export function succeed(
  slot: SlotState,
  { output, files }: Partial<Pick<Ended, "output" | "files">>,
) {
  const succeeded: SlotState = { ...slot, phase: "success", output: output ?? null };
  return files === undefined ? succeeded : { ...succeeded, files };
}

export function fail(
  slot: SlotState,
  phase: "failed" | "timed_out" | "canceled",
  error: WorkError | undefined,
): SlotState {
  return { ...slot, phase, error: error ?? errorOf(phase) };
}

function errorOf(status: "failed" | "timed_out" | "canceled"): WorkError {
  return { code: status === "failed" ? "action_failed" : status, message: status };
}

function withWhy(error: WorkError, why: string): WorkError {
  return { ...error, message: `${error.message} (not tried again, ${why})` };
}

/** How a try ended, as the history of its slot keeps it. */
type EndedTry = Omit<AttemptRecord, "endedAt"> & {
  readonly at: number;
  readonly givenBack?: true;
};

export function record(slot: SlotState, ended: EndedTry): SlotState {
  const { number, status, startedAt, worker, run, error, facts } = ended;
  const attempt: AttemptRecord = {
    number,
    status,
    endedAt: ended.at,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(worker === undefined ? {} : { worker }),
    ...(run === undefined ? {} : { run }),
    ...(error === undefined ? {} : { error }),
    ...(facts === undefined ? {} : { facts }),
  };
  const lost = status === "lost";
  const paused = status === "failed" && pauseMs(error) !== undefined;
  return {
    ...slot,
    attempts: [...slot.attempts, attempt],
    tries: slot.tries + (lost || paused ? 0 : 1),
    lostInRow: lost ? slot.lostInRow + (ended.givenBack === true ? 0 : 1) : 0,
  };
}
