import { formatProblem } from "@yardmaster/kernel";
import type { Database, Log } from "../../db/index.ts";
import {
  type ActiveRow,
  activate,
  deactivate,
  growRevision,
  lockRevision,
  readActive,
  replaceProblems,
} from "../packs.store.ts";
import { type ActivationPlan, type LoadedFolder, planActivation } from "./plan-activation.ts";

interface Deps {
  readonly database: Pick<Database, "withTransaction">;
  readonly log: Log;
}

/**
 * Makes what was loaded the active set, under the lock of the revision, which grows if that changes anything.
 * Two processes that loaded the same activate it once.
 */
export async function activateLoaded(
  { database, log }: Deps,
  loaded: readonly LoadedFolder[],
  unreadable: readonly string[],
): Promise<void> {
  const plan = await database.withTransaction(async (client) => {
    await lockRevision(client);
    const active = await readActive(client);
    const planned = planActivation(active, loaded, unreadable);
    for (const row of planned.activate) await activate(client, row);
    await deactivate(client, planned.deactivate);
    await replaceProblems(client, planned.problems);
    if (changesAnything(planned, active)) await growRevision(client);
    return planned;
  });
  tell(plan, log);
}

/** A pack that only moved to another folder is the same pack. */
function changesAnything(plan: ActivationPlan, active: readonly ActiveRow[]): boolean {
  const isNew = (row: { name: string; digest: string }): boolean =>
    !active.some((one) => one.name === row.name && one.digest === row.digest);
  return plan.deactivate.length > 0 || plan.activate.some(isNew);
}

function tell(plan: ActivationPlan, log: Log): void {
  for (const { name, digest, folder } of plan.activate)
    log.info({ pack: name, digest, folder }, "pack activated");
  for (const name of plan.deactivate) log.info({ pack: name }, "pack gone, deactivated");
  for (const { folder, pack, problems } of plan.problems)
    log.warn({ folder, pack, problems: problems.map(formatProblem) }, "pack not taken up");
}
