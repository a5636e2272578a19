import type { Runners } from "../runners/index.ts";

/** The same runners; each attempt that ends is told, by its kind of runner and its status. */
export function measuredRunners(
  runners: Runners,
  note: (runner: string, status: string) => void,
): Runners {
  return {
    ...runners,
    core(...call) {
      const result = runners.core(...call);
      note("core", result.status);
      return result;
    },
    async work(action, context) {
      const result = await runners.work(action, context);
      note(action.runner.kind, result.status);
      return result;
    },
  };
}
