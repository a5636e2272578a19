import type { Decision } from "@yardmaster/protocol";
import type { PartAnswer } from "../../engine/index.ts";
import type { Companion } from "../../inbox/index.ts";
import { type FiredTask, lockFired, type Standing, writeFired } from "./fires.store.ts";

/** What goes with the event of a fire into its transaction. */
export interface FireRow {
  /** Of this fire alone. */
  readonly fire: string;
  readonly taskId: string;
  /** Of the task as it was when the fire was planned. */
  readonly version: number;
  /** Its turn: when it was due, and is again (null: never). Absent where somebody has it run now. */
  readonly turn?: { readonly due: number; readonly next: string | null };
  readonly missed: number;
  /** The name of its own decision among those of the rules. */
  readonly starter: string;
}

/** `changed`: the task is another by now, or does not run. `moved`: it was due at that time no more. */
export type FireRefusal = "changed" | "moved" | "gone";

/**
 * Fires of a task are written one after the other, under the lock of its row, and only the one that it is due for: of two
 * schedulers that fire the same the second finds the row moved on, and leaves nothing. When it is due again is written
 * with the fire, so that neither is there without the other.
 */
export const fireCompanion: Companion<FireRow> = {
  name: "task-fire",
  async begin(client, rows) {
    const standings = await lockFired(
      client,
      rows.map(({ row }) => row.taskId),
    );
    const turns = new Set<string>();
    const answers = rows.map(({ row }): PartAnswer => {
      const refusal = refusalOf(row, standings.get(row.taskId), turns);
      if (row.turn !== undefined && refusal === undefined) turns.add(row.taskId);
      return refusal === undefined ? "ok" : { refused: refusal };
    });
    const going = rows.filter((_, i) => answers[i] === "ok");
    return {
      answers,
      async end(settled) {
        const fired = going.flatMap(({ row, decisions }, i) => {
          // One that came again after a lost connection has been written already.
          const isWritten = standings.get(row.taskId)?.lastFire === row.fire;
          return settled[i] === "stale" || isWritten
            ? []
            : [firedTask(row, settled[i] === "new" ? decisions : [])];
        });
        for (const wave of waves(fired)) await writeFired(client, wave);
      },
    };
  },
};

function refusalOf(
  row: FireRow,
  standing: Standing | undefined,
  turns: ReadonlySet<string>,
): FireRefusal | undefined {
  if (standing === undefined) return "gone";
  if (standing.lastFire === row.fire) return undefined;
  if (standing.version !== row.version || !standing.isOpen) return "changed";
  if (row.turn === undefined) return undefined;
  return standing.nextRun === row.turn.due && !turns.has(row.taskId) ? undefined : "moved";
}

/** Of one that was written before, as a duplicate is, nothing is counted. */
function firedTask(
  { fire, taskId, turn, missed, starter }: FireRow,
  decisions: readonly Decision[],
): FiredTask {
  const own = decisions.find(({ rule }) => rule === starter);
  return {
    id: taskId,
    fire,
    isTimed: turn !== undefined,
    next: turn?.next ?? null,
    runId: own?.run_id ?? null,
    missed: own === undefined ? 0 : missed,
    error: own?.status === "error" ? (own.reason ?? "no run could be made") : null,
  };
}

/** An update takes a row once: what comes of one task more than once goes behind one another. */
function waves(fired: readonly FiredTask[]): FiredTask[][] {
  const found: FiredTask[][] = [];
  const times = new Map<string, number>();
  for (const one of fired) {
    const wave = times.get(one.id) ?? 0;
    times.set(one.id, wave + 1);
    const rows = found[wave] ?? [];
    found[wave] = rows;
    rows.push(one);
  }
  return found;
}
