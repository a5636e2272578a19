import type { CancelRequested, WorkflowDefinition } from "@yardmaster/kernel";
import { isFinal } from "@yardmaster/protocol";
import type { RunRecord } from "../engine.types.ts";
import type { StoredRun } from "../keeper/keeper.store.ts";
import { fold } from "../keeper/kept-run.ts";

/** What only the journal of a run tells: who asked for its end, and what of its cleanup failed, and how. */
export function journalSentences(
  run: RunRecord,
  stored: StoredRun,
  workflow: WorkflowDefinition | undefined,
): string[] {
  const cancel = cancelIn(stored);
  const asked = cancel === undefined ? [] : [cancelText(cancel)];
  if (workflow === undefined || run.status === "success" || !isFinal(run.status)) return asked;
  const { unclean } = fold(run.id, stored, workflow).state;
  return [
    ...asked,
    ...unclean.map(({ what, error }) => `${what} failed: ${error.code}: ${error.message}`),
  ];
}

function cancelIn(stored: StoredRun): CancelRequested | undefined {
  return stored.advances
    .flatMap(({ events }) => events)
    .find((event) => event.type === "cancel_requested");
}

/** The runs that are steps are canceled by the run that they are steps of. */
function cancelText({ at, by }: CancelRequested): string {
  const when = new Date(at).toISOString();
  return by.startsWith("run:")
    ? `canceled at ${when} with run ${by.slice("run:".length)}, of which it is a step`
    : `its cancel was asked by ${by} at ${when}`;
}
