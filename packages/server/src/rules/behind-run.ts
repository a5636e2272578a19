import type { Pool } from "pg";
import type { Engine, RunRecord } from "../engine/index.ts";
import { depthsOf } from "../events/index.ts";

/** Where an event that comes of a run stands in a chain of runs that follow from one another. */
export interface Behind {
  /** Runs that stand behind it, that one included. */
  readonly depth: number;
  /** The event that started that run; null where it began a chain. */
  readonly causedBy: string | null;
}

/** Parents of a run that are looked at for the event that began it all; workflows are not nested as deep. */
const MAX_PARENTS = 100;

/** What stands behind events that come of these runs, in their order. Reads alone. */
export async function behindRuns(
  pool: Pool,
  engine: Pick<Engine, "run">,
  runs: readonly RunRecord[],
): Promise<Behind[]> {
  const causes = await Promise.all(runs.map((run) => causeOf(engine, run)));
  const depths = await depthsOf(
    pool,
    causes.filter((id) => id !== null),
  );
  return causes.map((causedBy) => ({
    depth: ((causedBy && depths.get(causedBy)) || 0) + 1,
    causedBy,
  }));
}

/** The event that started a run, or the run of which it is a part. */
async function causeOf(engine: Pick<Engine, "run">, run: RunRecord): Promise<string | null> {
  let at: RunRecord | undefined = run;
  for (let i = 0; i < MAX_PARENTS && at !== undefined; i++) {
    if (at.event_id !== null) return at.event_id;
    const above: string | null = at.parent_id ?? at.retry_of;
    at = above === null ? undefined : await engine.run(above);
  }
  return null;
}
