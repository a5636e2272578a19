import type { ProcessLimits } from "../runners/index.ts";
import type { Limits } from "../settings/index.ts";

/** What bounds attempts of processes, here and on nodes, by the settings. */
export function attemptLimits({ inlineBytes, logBytes }: Limits): Partial<ProcessLimits> {
  return { resultLimitBytes: inlineBytes, outputLimitBytes: logBytes };
}
