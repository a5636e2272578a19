import type { TrackerKind } from "@yardmaster/protocol";
import type { Database } from "../../db/index.ts";
import type { Answer, Forge, Problem } from "../forge/index.ts";
import { type PollProjectDeps, type ProjectPoll, pollProject } from "./poll-project.ts";
import { type DueTracker, finishPoll, renewClaim } from "./polls.store.ts";
import { readProject, writeAccounted, writeProblem } from "./projects.store.ts";

/** What a poll of one project came to; `unknown` where it could not be read, of which nothing may be concluded. */
export type PollOutcome = "changed" | "unchanged" | "unknown";

export interface PollObserver {
  trackerPoll(kind: TrackerKind, outcome: PollOutcome): void;
  trackerChanges(kind: TrackerKind, verdict: "heard" | "lost", changes: number): void;
}

export interface PollTrackerDeps extends Omit<PollProjectDeps, "pool"> {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  /** The API of a tracker with its token, or why it is not to be had. */
  readonly open: (tracker: DueTracker) => Promise<Answer<Forge>>;
  readonly observer?: PollObserver | undefined;
}

/** Where nobody says for how long; and what a tracker that fails again and again is left alone at most. */
const MAX_WAIT_MS = 3_600_000;

/** Asks one tracker for what has changed in each of its projects, one after the other. One that fails holds up no other. */
export async function pollTracker(
  tracker: DueTracker,
  deps: PollTrackerDeps,
  signal: AbortSignal,
): Promise<void> {
  const { database, graceMs } = deps;
  const mayGoOn = async (): Promise<boolean> =>
    !signal.aborted && (await renewClaim(database.pool, tracker));
  const forge = await deps.open(tracker);
  let failing = false;
  let isDeferred = false;
  let waitMs: number | undefined;
  for (const project of tracker.projects) {
    const polled = forge.ok
      ? await pollOne(tracker, { forge: forge.value, project, mayGoOn, signal }, deps)
      : forge;
    // It goes on elsewhere, or later: what has been read of this one so far is worth nothing.
    if (signal.aborted || !(await mayGoOn())) return;
    await write(tracker, project, polled, deps);
    if (polled.ok) isDeferred ||= polled.value.isDeferred;
    else failing = true;
    waitMs = polled.ok ? undefined : waitOf(polled.problem);
    if (waitMs !== undefined) break;
  }
  const failures = failing ? tracker.failures + 1 : 0;
  const againInMs = waitMs ?? nextIn(tracker, { failures, isDeferred, graceMs });
  await finishPoll(database.pool, tracker, { againInMs, failures });
}

async function pollOne(
  tracker: DueTracker,
  of: {
    readonly forge: Forge;
    readonly project: string;
    readonly mayGoOn: () => Promise<boolean>;
    readonly signal: AbortSignal;
  },
  deps: PollTrackerDeps,
): Promise<Answer<ProjectPoll>> {
  const { pool } = deps.database;
  const row = await readProject(pool, tracker.id, of.project);
  return await pollProject({ ...of, tracker }, of.project, row, { ...deps, pool });
}

async function write(
  tracker: DueTracker,
  project: string,
  polled: Answer<ProjectPoll>,
  { database, observer }: PollTrackerDeps,
): Promise<void> {
  const { kind } = tracker;
  if (!polled.ok) {
    const { message: problem } = polled.problem;
    observer?.trackerPoll(kind, "unknown");
    await database.withTransaction((client) => writeProblem(client, tracker, { project, problem }));
    return;
  }
  const { accounted, found } = polled.value;
  await database.withTransaction((client) => writeAccounted(client, tracker, accounted));
  observer?.trackerPoll(kind, accounted.issues.size > 0 ? "changed" : "unchanged");
  if (accounted.heard > 0) observer?.trackerChanges(kind, "heard", accounted.heard);
  if (found > 0) observer?.trackerChanges(kind, "lost", found);
}

/** A tracker that has been asked too much is left alone until then, all of it. */
function waitOf({ kind, retryAfterMs }: Problem): number | undefined {
  return kind === "rate_limited"
    ? Math.min(retryAfterMs ?? MAX_WAIT_MS, 24 * MAX_WAIT_MS)
    : undefined;
}

/** What is too young is looked at when it is not; what fails, less and less often. */
function nextIn(
  { poll_ms }: DueTracker,
  {
    failures,
    isDeferred,
    graceMs,
  }: { readonly failures: number; readonly isDeferred: boolean; readonly graceMs: number },
): number {
  if (failures > 0) return Math.max(poll_ms, Math.min(poll_ms * 2 ** (failures - 1), MAX_WAIT_MS));
  return isDeferred ? Math.min(poll_ms, graceMs) : poll_ms;
}
