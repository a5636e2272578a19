import type { ProcessSpec } from "@yardmaster/kernel";
import { isJsonObject, type Json } from "@yardmaster/protocol";
import type { AttemptContext, AttemptResult, Runner } from "./runner.ts";

/**
 * `on_lost: check`: whether an earlier attempt has done the work already. Undefined where it has not (or there was no
 * earlier one that was begun): the work is to be done. Else the attempt's result: what the probe says was done, or that it failed,
 * since repeating in doubt is what the probe is there to prevent. The probe is given no files.
 */
export async function checkDone(
  probe: ProcessSpec | undefined,
  context: AttemptContext,
  processes: Runner<ProcessSpec>,
): Promise<AttemptResult | undefined> {
  if (probe === undefined || context.attempt === 1) return undefined;
  if ((await context.mayHaveBegun?.()) === false) return undefined;
  const { files: _, ...bare } = context;
  const result = await processes.run(probe, bare);
  if (result.status !== "success") {
    const message = `The check of on_lost did not say whether the work is done: ${result.error.message}`;
    return { ...result, error: { ...result.error, message } };
  }
  const said = result.output;
  if (!isVerdict(said)) {
    const message =
      'The check of on_lost must print { "done": true, "output": … } or { "done": false }.';
    return { status: "failed", error: { code: "invalid_output", message }, facts: result.facts };
  }
  return said.done ? { ...result, output: said.output ?? null } : undefined;
}

interface Verdict {
  readonly done: boolean;
  readonly output?: Json;
}

function isVerdict(value: Json): value is Json & Verdict {
  return isJsonObject(value) && typeof value["done"] === "boolean";
}
