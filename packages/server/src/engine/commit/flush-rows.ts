import type { AttemptPlace } from "@yardmaster/kernel";
import type { Of } from "./flush-tables.ts";
import type {
  DispatchRow,
  NewChild,
  NewInquiry,
  RunBirth,
  RunOp,
  SettledInquiry,
} from "./run-op.types.ts";

/** Everything a flush writes, gathered by kind. */
export interface FlushRows {
  /** In the order of their runs. */
  readonly ops: readonly RunOp[];
  readonly births: readonly Of<RunBirth>[];
  /** Attempts that ended and had a lease. */
  readonly unleased: readonly Of<AttemptPlace>[];
  /** Attempts that ended without a lease, and those that were canceled: they may have waited still. */
  readonly withdrawn: readonly Of<AttemptPlace>[];
  readonly fired: readonly Of<AttemptPlace>[];
  /** Attempts that this process takes as they are inserted. */
  readonly leased: readonly Of<DispatchRow>[];
  /** Attempts that wait. */
  readonly dispatch: readonly Of<DispatchRow>[];
  readonly timers: readonly Of<AttemptPlace & { readonly delayMs: number }>[];
  readonly stops: readonly Of<AttemptPlace>[];
  readonly children: readonly Of<NewChild>[];
  readonly endedChildren: readonly Of<AttemptPlace>[];
  readonly inquiries: readonly Of<NewInquiry>[];
  readonly settledInquiries: readonly Of<SettledInquiry>[];
  /** Runs that enter the line before a key, in the order in which the ops were handed in. */
  readonly lines: readonly Of<DispatchRow & { readonly nth: number }>[];
  /** Runs that end, and may stand in lines. */
  readonly leaving: readonly Of<null>[];
}

/** `handedIn` in the order in which they came; they are written in the order of their runs. */
export function gather(handedIn: readonly RunOp[]): FlushRows {
  const ops =
    handedIn.length === 1 ? handedIn : [...handedIn].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  const births: Of<RunBirth>[] = [];
  const unleased: Of<AttemptPlace>[] = [];
  const withdrawn: Of<AttemptPlace>[] = [];
  const fired: Of<AttemptPlace>[] = [];
  const leased: Of<DispatchRow>[] = [];
  const dispatch: Of<DispatchRow>[] = [];
  const timers: Of<AttemptPlace & { readonly delayMs: number }>[] = [];
  const stops: Of<AttemptPlace>[] = [];
  const children: Of<NewChild>[] = [];
  const endedChildren: Of<AttemptPlace>[] = [];
  const inquiries: Of<NewInquiry>[] = [];
  const settledInquiries: Of<SettledInquiry>[] = [];
  const leaving: Of<null>[] = [];
  for (const op of ops) {
    const { runId } = op;
    if (op.create !== undefined) births.push({ runId, row: op.create });
    for (const row of op.ended) {
      if (row.place === "leases") unleased.push({ runId, row });
      if (row.place === "dispatch" || row.status === "canceled") withdrawn.push({ runId, row });
    }
    for (const row of op.firedTimers) fired.push({ runId, row });
    for (const row of op.dispatch) {
      if (row.state !== "instant")
        (row.state === "leased" ? leased : dispatch).push({ runId, row });
    }
    for (const row of op.timers) timers.push({ runId, row });
    for (const row of op.stops) stops.push({ runId, row });
    for (const row of op.children) children.push({ runId, row });
    for (const row of op.endedChildren) endedChildren.push({ runId, row });
    for (const row of op.inquiries) inquiries.push({ runId, row });
    for (const row of op.settledInquiries) settledInquiries.push({ runId, row });
    if (op.keyed && op.finish !== undefined && op.create === undefined)
      leaving.push({ runId, row: null });
  }
  return {
    ops,
    births,
    unleased,
    withdrawn,
    fired,
    leased,
    dispatch,
    timers,
    stops,
    children,
    endedChildren,
    inquiries,
    settledInquiries,
    lines: linesOf(handedIn),
    leaving,
  };
}

function linesOf(handedIn: readonly RunOp[]): Of<DispatchRow & { nth: number }>[] {
  const lines: Of<DispatchRow & { nth: number }>[] = [];
  for (const op of handedIn) {
    if (!op.keyed) continue;
    for (const row of op.dispatch) {
      if (row.queue !== "" && row.key !== null)
        lines.push({ runId: op.runId, row: { ...row, nth: lines.length } });
    }
  }
  return lines;
}
