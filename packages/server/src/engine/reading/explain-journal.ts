import {
  type Abandoned,
  type AttemptEnded,
  type AttemptPlace,
  type CancelRequested,
  openAttempts,
  type RunState,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import { isFinal } from "@yardmaster/protocol";
import type { StoredRun } from "../keeper/keeper.store.ts";
import { foldInSlices } from "../keeper/kept-run.ts";
import { MOST_TOLD } from "./explain-alike.ts";
import { takenText } from "./explain-taken.ts";
import type { RunRecord } from "./reading.types.ts";

/** What only the journal of a run tells. */
export interface JournalTold {
  /** What it took over, who asked for its end, how it ends already, what of its cleanup failed, and how, and what no worker could begin yet. */
  readonly sentences: readonly string[];
  /** Ids of the runs that its failed steps were. */
  readonly failedRuns: readonly string[];
  /** Why its definition cannot be had, where that is so. */
  readonly missing?: string;
}

export const NOTHING_TOLD: JournalTold = { sentences: [], failedRuns: [] };

/** Of a run whose definition is not there any more, without `workflow`, less is known. */
export async function journalTold(
  run: RunRecord,
  stored: StoredRun,
  workflow: WorkflowDefinition | undefined,
): Promise<JournalTold> {
  const cancel = cancelIn(stored);
  const asked = cancel === undefined ? [] : [cancelText(cancel)];
  const isLive = !isFinal(run.status);
  const live = isLive ? givenBack(stored) : [];
  const isPlainSuccess = run.status === "success" && stored.reused === null;
  if (workflow === undefined || isPlainSuccess)
    return { sentences: [...asked, ...live], failedRuns: [] };
  const { state } = await foldInSlices(run.id, stored, workflow);
  const taken = stored.reused === null ? [] : takenText(state);
  if (isLive) {
    const failed = failedBefore(stored, openAttempts(workflow, state));
    const sentences = [...taken, ...asked, ...ending(state), ...live, ...failed];
    return { sentences, failedRuns: [] };
  }
  const unclean = state.unclean.map(
    ({ what, error }) => `${what} failed: ${error.code}: ${error.message}`,
  );
  return { sentences: [...taken, ...asked, ...unclean], failedRuns: failedRuns(state) };
}

/** How a live run ends, where that is settled: its `failing` and its cleanup may take hours. */
function ending({ phase, outcome, error }: RunState): string[] {
  const why = error === undefined ? "" : ` (${error.message})`;
  if (phase === "failing")
    return [`it fails${why} once what is open has ended: nothing else of its steps is started`];
  const work = CLEANUP[phase];
  return work === undefined
    ? []
    : [`its steps are over, and it ends as ${outcome}${why} once ${work} is done`];
}

const CLEANUP: { readonly [P in RunState["phase"]]?: string } = {
  undoing: "the undo of what had succeeded",
  handling: "its `on_failure`",
  finalizing: "its `finally`",
};

/** How the attempt before each of these ended, where it failed: what waits to be tried again waits for that. */
function failedBefore(stored: StoredRun, open: readonly AttemptPlace[]): string[] {
  const last = lastEnds(stored);
  const told = open.flatMap(({ slot, number }) => {
    const before = last.get(slot);
    const isIt = before?.number === number - 1 && before.status !== "lost";
    return isIt && before.error !== undefined
      ? [`step ${slot}: attempt ${before.number} failed: ${before.error.message}`]
      : [];
  });
  return told.slice(0, MOST_TOLD);
}

function lastEnds({ advances }: StoredRun): ReadonlyMap<string, AttemptEnded> {
  const last = new Map<string, AttemptEnded>();
  for (const event of advances.flatMap(({ events }) => events))
    if (event.type === "attempt_ended") last.set(event.slot, event);
  return last;
}

/** The steps whose last attempt a worker gave back, since its machine could not begin it. */
function givenBack(stored: StoredRun): string[] {
  const told = [...lastEnds(stored).values()].flatMap(
    ({ slot, number, worker, givenBack, error }) =>
      givenBack === true && error !== undefined
        ? [`step ${slot}: attempt ${number} was with worker ${worker}. ${error.message}`]
        : [],
  );
  return told.slice(0, MOST_TOLD);
}

/** The last tries of the failed steps and items that were runs of their own. */
function failedRuns({ steps }: RunState): string[] {
  return Object.values(steps).flatMap(({ slots }) =>
    slots.flatMap(({ attempts }) => {
      const last = attempts.at(-1);
      const isBad = last?.status === "failed" || last?.status === "timed_out";
      return isBad && last.run !== undefined ? [last.run] : [];
    }),
  );
}

function cancelIn(stored: StoredRun): CancelRequested | Abandoned | undefined {
  return stored.advances
    .flatMap(({ events }) => events)
    .find((event) => event.type === "cancel_requested" || event.type === "abandoned");
}

/** The runs that are steps are canceled by the run that they are steps of. */
function cancelText({ at, by }: CancelRequested | Abandoned): string {
  const when = new Date(at).toISOString();
  return by.startsWith("run:")
    ? `canceled at ${when} with run ${by.slice("run:".length)}, of which it is a step`
    : `its cancel was asked by ${by} at ${when}`;
}
