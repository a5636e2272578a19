import type { RunEvent } from "@yardmaster/kernel";
import type { AttemptRow } from "../attempt-row.ts";
import type { Posted } from "../keeper/posted.ts";
import type { SetAside } from "./set-aside.ts";

export interface TellRunsDeps {
  readonly post: (runId: string, event: RunEvent) => Promise<Posted>;
  readonly onError: (error: unknown, what: string) => void;
  /** Runs that could not be told of what became of their attempts. */
  readonly untold: SetAside;
}

/** Gives those that could not be told, and why, and those whose run is gone. */
export type TellRuns = <Row extends AttemptRow>(
  rows: readonly Row[],
  event: (row: Row) => RunEvent,
) => Promise<{ readonly failed: { row: Row; error: unknown }[]; readonly gone: Row[] }>;

/** Tells runs of what a scan has found of their attempts. What cannot be told holds up nothing beside it. */
export function createTellRuns({ post, onError, untold }: TellRunsDeps): TellRuns {
  return async <Row extends AttemptRow>(rows: readonly Row[], event: (row: Row) => RunEvent) => {
    const failed: { row: Row; error: unknown }[] = [];
    const gone: Row[] = [];
    await Promise.all(
      rows.map((row) =>
        post(row.runId, event(row)).then(
          (posted) => {
            if (posted === "gone") gone.push(row);
          },
          (error: unknown) => {
            failed.push({ row, error });
            untold.note(row.runId, error);
            onError(error, `run ${row.runId} could not be told`);
          },
        ),
      ),
    );
    return { failed, gone };
  };
}
