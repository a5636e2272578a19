import { AppError, type Retried, type retryRunsSchema } from "@yardmaster/protocol";
import type { z } from "zod";
import type { Engine, RunRecord } from "../engine/index.ts";
import { engineFilter } from "./run-filter.ts";

type Chosen = z.infer<typeof retryRunsSchema>;

const PAGE = 200;

/**
 * Tries ended runs again by filter, those first that ended first; who was tried again already is left out. So are runs
 * that are steps of others, unless their parent is named: the new try of the parent does their work.
 */
export async function retryRuns(engine: Engine, wanted: Chosen, by: string): Promise<Retried> {
  const { limit, dry_run: isDryRun, from_start, latest, all: _, ...filter } = wanted;
  const { runs, more } = await chosen(engine, { status: "failed", ...filter }, limit);
  const retried: Retried["retried"] = [];
  const refused: Retried["refused"] = [];
  for (const { id, ref } of runs) {
    const request = { by, fromStart: from_start === true, latest: latest === true, isDryRun };
    try {
      const run = await engine.prepareRetry(id, request);
      if (!isDryRun) await engine.commit({ runs: [run] });
      retried.push({ id, ref, retry_id: isDryRun ? null : run.id });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refused.push({ id, ref, message: error.message });
    }
  }
  return { dry_run: isDryRun, retried, refused, more };
}

/** The lists are newest first, and so is their reading; a filter without a beginning looks at all of them. */
async function chosen(
  engine: Engine,
  filter: Parameters<typeof engineFilter>[0],
  limit: number,
): Promise<{ runs: RunRecord[]; more: boolean }> {
  const found: RunRecord[] = [];
  let before: string | undefined;
  for (;;) {
    const { rows, next } = await engine.runs({
      ...engineFilter(filter),
      rootsOnly: filter.parent === undefined,
      limit: PAGE,
      payloads: false,
      ...(before !== undefined && { before }),
    });
    const again = new Set(await engine.retried(rows.map(({ id }) => id)));
    found.push(...rows.filter(({ id }) => !again.has(id)));
    before = next;
    if (next === undefined || found.length > limit) break;
  }
  return { runs: found.slice(0, limit).toReversed(), more: found.length > limit };
}
