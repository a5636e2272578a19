import { AppError, nearest } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";

/** `step`, or `step#0` of one of its items, is a step of the run. @throws AppError not_found */
export async function requireStep(client: Client, run: string, step: string): Promise<void> {
  const ids = (await client.runs.steps(run)).map(({ id }) => id);
  const wanted = step.replace(/#\d+$/, "");
  if (ids.includes(wanted)) return;
  const near = nearest(wanted, ids);
  const hint = near === undefined ? `it has ${ids.join(", ")}` : `did you mean ${near}?`;
  throw new AppError("not_found", `Run ${run} has no step ${wanted}; ${hint}`);
}
