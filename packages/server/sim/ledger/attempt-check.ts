import type { RunEvent } from "@yardmaster/kernel";
import type { AttemptRow } from "../../src/engine/attempt-row.ts";
import type { RunOp } from "../../src/engine/commit/run-op.types.ts";
import { rowKey } from "../model/index.ts";
import type { World } from "../world.ts";
import { isAbandoning } from "./abandon-check.ts";
import { type Child, keyOf, nameOf } from "./child.ts";

/** From the cancel of a run to the end of its attempts: a look every 2 s, and 2 s to end in order. */
const STOP_MS = 5_000;

export interface AttemptCheckDeps {
  readonly world: Pick<World, "now" | "after">;
  readonly breach: (what: string) => void;
  readonly counts: { attempts: number; lost: number; overlaps: number; givenBack: number };
  /** Whether all can be reached at all times. */
  readonly isCalm: boolean;
  /** Whether a run's birth is durable, and its end. */
  readonly isBorn: (runId: string) => boolean;
  readonly isEnded: (runId: string) => boolean;
}

/** Who recorded an attempt as lost, and when. */
interface Loss {
  readonly host: string;
  readonly at: number;
}

/** What really ran of each attempt, against what is recorded of it. */
export function createAttemptCheck(deps: AttemptCheckDeps) {
  const { world, breach, counts } = deps;
  const children = new Map<string, Child>();
  /** What was carried out at once with its run's birth: again, where that did not become durable. */
  const unborn = new Set<string>();
  const losses = new Map<string, Loss>();
  const results = new Map<string, string>();
  /** What a machine could not begin. */
  const givenBack = new Set<string>();

  /**
   * Two attempts of a slot may run at once only where the first could not be ended: its worker is away, and who
   * recorded the loss is on another machine. On the same machine the orphan is killed before its work is given out.
   */
  function judgeOverlap(child: Child, before: Child): void {
    counts.overlaps++;
    const loss = losses.get(keyOf(before));
    if (!before.ownerAway())
      breach(`${nameOf(child)} overlaps ${nameOf(before)}, whose worker is there and well`);
    else if (loss?.host === before.host && before.outcome === undefined)
      breach(
        `${nameOf(child)} overlaps ${nameOf(before)}, an orphan of the machine that recovered it`,
      );
  }

  function recorded(op: RunOp, key: string, status: string, host: string): void {
    if (results.has(key))
      breach(`the result of ${key} was ${results.get(key)} and is now ${status}`);
    results.set(key, status);
    if (status === "lost" && givenBack.has(key)) {
      counts.givenBack++;
      return;
    }
    if (status === "lost") {
      counts.lost++;
      losses.set(key, { host, at: world.now() });
      return;
    }
    const child = children.get(key);
    // Whatever they come to: who ends their run does not wait for them.
    if (isAbandoning(op)) return;
    // What nobody leases may have been carried out and not recorded yet when its run was canceled.
    if (status === "canceled" && (child === undefined || child.mayRepeat)) return;
    if (child === undefined) breach(`${key} is recorded as ${status} and never ran`);
    else if (child.killedAsOrphan && status !== "canceled")
      breach(`${key} was killed as an orphan and is recorded as ${status}, not as lost`);
    else if (child.outcome?.status !== status)
      breach(`${key} ended as ${child.outcome?.status} and is recorded as ${status}`);
  }

  /** Whoever has it next asks no check whether its work was done. */
  function goneBack({ runId, events }: RunOp): void {
    // The text is looked at first: hardly any has it.
    if (!events.includes('"begun":false')) return;
    for (const event of JSON.parse(events) as readonly RunEvent[]) {
      if (event.type !== "attempt_ended" || event.begun !== false) continue;
      const key = rowKey(runId, event.slot, event.number);
      if (children.has(key)) breach(`${key} was started and is recorded as never begun`);
    }
  }

  /** Where all can be reached, a cancel reaches what runs: by a hint, or by the look that does not need one. */
  function stopped(key: string): void {
    if (!deps.isCalm) return;
    world.after(STOP_MS, () => {
      const child = children.get(key);
      if (child !== undefined && child.outcome === undefined && !child.ownerAway())
        breach(`${nameOf(child)} runs on ${STOP_MS} ms after its run was canceled`);
    });
  }

  return {
    started(child: Child): void {
      const key = keyOf(child);
      counts.attempts++;
      const isKnown = children.has(key) && !unborn.has(key);
      if (isKnown && !child.mayRepeat) breach(`attempt ${key} was started twice`);
      if (!deps.isBorn(child.runId)) unborn.add(key);
      if (deps.isEnded(child.runId) && !child.ownerAway() && !child.mayRepeat)
        breach(`attempt ${key} was started after its run had ended`);
      for (let number = 1; number < child.number; number++) {
        const before = children.get(rowKey(child.runId, child.slot, number));
        if (before?.outcome === undefined && before !== undefined) judgeOverlap(child, before);
      }
      children.set(key, child);
    },
    notBegun(attempt: AttemptRow): void {
      givenBack.add(keyOf(attempt));
    },
    /** An op that has become durable, of a process on `host`. */
    written(op: RunOp, host: string): void {
      for (const { slot, number, status } of op.ended)
        recorded(op, rowKey(op.runId, slot, number), status, host);
      for (const { slot, number } of op.stops) stopped(rowKey(op.runId, slot, number));
      goneBack(op);
    },
    children: (): IterableIterator<Child> => children.values(),
    hasResult: (key: string): boolean => results.has(key),
    wasGivenBack: (key: string): boolean => givenBack.has(key),
  };
}
