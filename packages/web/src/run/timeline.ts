import type { Attempt, Run, Step, StepItem } from "@yardmaster/protocol";
import type { AnyStatus } from "../status/status-style.ts";
import { formatDuration } from "../time/format.ts";

/** The stretch of time that a timeline shows, in Unix milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A stretch within a span, as fractions of it. */
export interface Bar {
  readonly left: number;
  readonly width: number;
  readonly status: AnyStatus;
  /** For people: `attempt 2: failed after 1.2 s`. */
  readonly label: string;
}

/** One line of the tree: a step, or an item or round of one. */
export interface Line {
  /** As logs name it: `each`, `each#3`. */
  readonly slot: string;
  readonly status: AnyStatus;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** From when it was due to begin until it was final: waits included. */
  readonly whole: Bar | undefined;
  readonly attempts: readonly Bar[];
}

/** From the start of the run to its end, or to now; wide enough for clocks that differ a little. */
export function spanOf(run: Run, steps: readonly Step[], now: number): Span {
  const from = Date.parse(run.created_at);
  const ends = steps.flatMap((step) => (step.finished_at === null ? [] : [step.finished_at]));
  const end = run.finished_at === null ? now : Date.parse(run.finished_at);
  return { from, to: Math.max(from + 1, end, ...ends.map((at) => Date.parse(at))) };
}

export function stepLine(step: Step, span: Span): Line {
  return {
    slot: step.id,
    status: step.status,
    startedAt: step.started_at,
    finishedAt: step.finished_at,
    whole: barOf(span, step, step.status, step.id),
    attempts: attemptBars(step.attempts, span),
  };
}

/** An item or round has no times of its own: they are those of its attempts. */
export function partLine(step: Step, part: StepItem, span: Span): Line {
  const first = part.attempts[0];
  const last = part.attempts.at(-1);
  return {
    slot: `${step.id}#${part.index}`,
    status: part.status,
    startedAt: first?.started_at ?? null,
    finishedAt: last?.finished_at ?? null,
    whole: undefined,
    attempts: attemptBars(part.attempts, span),
  };
}

function attemptBars(attempts: readonly Attempt[], span: Span): Bar[] {
  return attempts.flatMap((attempt) => {
    const bar = barOf(span, attempt, attempt.status, `attempt ${attempt.number}`);
    return bar === undefined ? [] : [bar];
  });
}

interface Timed {
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

function barOf(span: Span, timed: Timed, status: AnyStatus, name: string): Bar | undefined {
  if (timed.started_at === null) return undefined;
  const from = Date.parse(timed.started_at);
  const to = timed.finished_at === null ? span.to : Date.parse(timed.finished_at);
  const left = fractionOf(span, from);
  const words = status.replace("_", " ");
  const join = timed.finished_at === null ? "for" : "after";
  const label = `${name}: ${words} ${join} ${formatDuration(to - from)}`;
  return { left, width: Math.max(0, fractionOf(span, to) - left), status, label };
}

function fractionOf({ from, to }: Span, at: number): number {
  return Math.min(1, Math.max(0, (at - from) / (to - from)));
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000,
];
const MOST_TICKS = 5;

/** Round moments along a span, at most five beside its start. */
export function ticksOf({ from, to }: Span): { readonly left: number; readonly label: string }[] {
  const lengthMs = to - from;
  const stepMs =
    STEPS_MS.find((step) => lengthMs / step <= MOST_TICKS) ??
    Math.ceil(lengthMs / MOST_TICKS / 86_400_000) * 86_400_000;
  const count = Math.floor(lengthMs / stepMs);
  return Array.from({ length: count }, (_, index) => {
    const atMs = (index + 1) * stepMs;
    return { left: atMs / lengthMs, label: tickLabel(atMs) };
  });
}

function tickLabel(ms: number): string {
  return formatDuration(ms).replace(".0 s", " s").replace(" 00 s", "").replace(" 00 m", "");
}
