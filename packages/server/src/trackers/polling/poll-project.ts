import type { Pool } from "pg";
import { eventsOfSubjects } from "../../events/index.ts";
import type { TakeFound } from "../../inbox/index.ts";
import type { Answer, Forge, Issue, Repository } from "../forge/index.ts";
import { type Change, changesOf, changeText, type KnownIssue, knownOf } from "../hearing/change.ts";
import { addFinds } from "../hearing/finds.store.ts";
import { type Heard, heardOf, isHeard } from "../hearing/heard.ts";
import type { TrackerRow } from "../trackers.store.ts";
import { type Listed, listIssues } from "./list-issues.ts";
import { type Accounted, type ProjectRow, readKnown } from "./projects.store.ts";
import { wiresOf } from "./wire.ts";

/** Looked at again, should changes become visible out of order, or the forge's clock be set back a little. */
const OVERLAP_MS = 60_000;
/** Between the forge's clock and this one's, by which events are looked for. */
const CLOCKS_MS = 3_600_000;

export interface PollProjectDeps {
  readonly pool: Pool;
  readonly takeFound: TakeFound;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** A change that is younger may still be delivered. */
  readonly graceMs: number;
}

export interface PolledTracker {
  readonly tracker: Pick<TrackerRow, "id" | "name" | "kind" | "source">;
  readonly forge: Forge;
  readonly mayGoOn: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** What a project is now, and what of it was found. */
export interface ProjectPoll {
  readonly accounted: Accounted;
  readonly found: number;
  /** Some changes are too young to be judged. */
  readonly isDeferred: boolean;
}

/** What an issue has gone through since it was accounted for. */
interface Case {
  readonly issue: Issue;
  readonly fromMs: number;
  readonly changes: readonly Change[];
}

/**
 * Asks a project what has changed, and brings in what no webhook has told. That happens before it is written down as
 * accounted for: a poll that breaks off is done again, and what it had brought is heard by then.
 */
export async function pollProject(
  polled: PolledTracker,
  project: string,
  row: ProjectRow | undefined,
  deps: PollProjectDeps,
): Promise<Answer<ProjectPoll>> {
  const { forge, mayGoOn, signal } = polled;
  const { watermarkMs = null, etag } = row ?? {};
  if (watermarkMs === null || row === undefined || row.repositoryId === null)
    return await takeBaseline(polled, project, deps);
  const sinceMs = watermarkMs - OVERLAP_MS;
  const listed = await listIssues(forge, {
    ...{ project, state: "all", sinceMs, mayGoOn, signal },
    etag: etag ?? undefined,
  });
  if (!listed.ok) return listed;
  if (listed.value.issues.size === 0)
    return { ok: true, value: accountedFor(row as Read, listed.value, [], { heard: 0, found: 0 }) };
  const repository = await forge.repository(project);
  if (!repository.ok) return repository;
  // Another repository has taken the name: nothing that is known is of it.
  if (repository.value.id !== row.repositoryId) return await takeBaseline(polled, project, deps);
  return await bringIn(
    polled,
    { row: row as Read, listed: listed.value, repository: repository.value },
    deps,
  );
}

type Read = ProjectRow & {
  readonly repositoryId: number;
  readonly baselineMs: number;
  readonly watermarkMs: number;
};

/** All that is open is known from now on, and nothing of it is told. */
async function takeBaseline(
  { forge, mayGoOn, signal }: PolledTracker,
  project: string,
  { now }: PollProjectDeps,
): Promise<Answer<ProjectPoll>> {
  const baselineMs = Math.floor(now() / 1_000) * 1_000;
  const repository = await forge.repository(project);
  if (!repository.ok) return repository;
  const listed = await listIssues(forge, { project, state: "open", mayGoOn, signal });
  if (!listed.ok) return listed;
  // What was closed a moment ago, also while the pages were read, is no news either.
  const sinceMs = baselineMs - OVERLAP_MS;
  const recent = await listIssues(forge, { project, state: "all", sinceMs, mayGoOn, signal });
  if (!recent.ok) return recent;
  const malformed = listed.value.malformed + recent.value.malformed;
  const issues = new Map([...listed.value.issues, ...recent.value.issues]);
  const accounted: Accounted = {
    ...{ project, fullName: repository.value.fullName, repositoryId: repository.value.id },
    ...{ baselineMs, watermarkMs: baselineMs, etag: null, heard: 0, malformed, isAnew: true },
    issues: new Map([...issues].map(([number, issue]) => [number, knownOf(issue)])),
  };
  return { ok: true, value: { accounted, found: 0, isDeferred: false } };
}

async function bringIn(
  polled: PolledTracker,
  { row, listed, repository }: { row: Read; listed: Listed; repository: Repository },
  deps: PollProjectDeps,
): Promise<Answer<ProjectPoll>> {
  const { pool, now, graceMs } = deps;
  const of = { trackerId: polled.tracker.id, repositoryId: row.repositoryId };
  const known = await readKnown(pool, of, [...listed.issues.keys()]);
  const ripe = [...listed.issues.values()].filter((issue) => issue.updatedAtMs <= now() - graceMs);
  const cases = ripe
    .map((issue) => caseOf(issue, known.get(issue.number), row.baselineMs))
    .filter(({ changes }) => changes.length > 0)
    .sort((a, b) => a.issue.updatedAtMs - b.issue.updatedAtMs);
  const heard = await heardOfCases(polled, cases, { row, repository, pool });
  const told = { heard: 0, found: 0 };
  for (const one of cases) {
    const lost = one.changes.filter(
      (change) => !isHeard(change, one.fromMs, heard.get(one.issue.number) ?? []),
    );
    told.heard += one.changes.length - lost.length;
    told.found += lost.length;
    if (lost.length > 0 && !(await replay(polled, { ...one, changes: lost }, repository, deps)))
      return takenOver();
  }
  const changed = ripe.filter(
    (issue) => known.get(issue.number)?.updatedAtMs !== issue.updatedAtMs,
  );
  const fresh = [...new Set([...changed, ...cases.map(({ issue }) => issue)])];
  const renamed = { ...row, fullName: repository.fullName };
  return { ok: true, value: accountedFor(renamed, listed, fresh, told, ripe) };
}

function takenOver(): Answer<never> {
  const problem = {
    kind: "unreachable",
    message: "the poll was taken over by another one",
  } as const;
  return { ok: false, problem };
}

/** Forges tell whole seconds: a change within that of the last one counts as behind it. */
function caseOf(issue: Issue, before: KnownIssue | undefined, baselineMs: number): Case {
  const fromMs = before?.updatedAtMs ?? Math.max(baselineMs, issue.createdAtMs);
  return { issue, fromMs, changes: changesOf(issue, before, baselineMs) };
}

/** What webhooks have told of these issues, and what was found before; by number. */
async function heardOfCases(
  { tracker }: PolledTracker,
  cases: readonly Case[],
  { row, repository, pool }: { row: Read; repository: Repository; pool: Pool },
): Promise<ReadonlyMap<number, readonly Heard[]>> {
  const heard = new Map<number, Heard[]>();
  if (cases.length === 0) return heard;
  const names = new Set([repository.fullName, row.fullName ?? repository.fullName]);
  const events = await eventsOfSubjects(pool, {
    source: tracker.source,
    subjects: cases.flatMap(({ issue }) => [...names].map((name) => `${name}#${issue.number}`)),
    sinceMs: row.watermarkMs - OVERLAP_MS - CLOCKS_MS,
    fields: ["action", "number", "issue", "assignee", "label", "repository", "sender"],
  });
  for (const { type, data } of events) {
    const one = heardOf(tracker.kind, type.slice(type.indexOf(".") + 1), data);
    // A name that another repository had before tells nothing of this one.
    if (one === undefined || (one.repositoryId ?? row.repositoryId) !== row.repositoryId) continue;
    heard.set(one.number, [...(heard.get(one.number) ?? []), one]);
  }
  return heard;
}

/** False: the poll is another's now. */
async function replay(
  { tracker, mayGoOn }: PolledTracker,
  { issue, fromMs, changes }: Case,
  repository: Repository,
  { pool, takeFound }: PollProjectDeps,
): Promise<boolean> {
  const { id: trackerId, kind, source, name } = tracker;
  const wires = wiresOf({ kind, trackerId, repository, issue, fromMs }, changes);
  if (!(await mayGoOn())) return false;
  const finds = wires.flatMap(({ senderId, changes: told }) =>
    told.map((one) => ({ change: changeText(one), fromMs, toMs: issue.updatedAtMs, senderId })),
  );
  await addFinds(pool, { trackerId, repositoryId: repository.id, number: issue.number }, finds);
  for (const { senderId, headers, body } of wires)
    await takeFound({ source, kind, senderId, headers, body, foundBy: `tracker:${name}` });
  return true;
}

function accountedFor(
  row: Read,
  listed: Listed,
  fresh: readonly Issue[],
  told: { readonly heard: number; readonly found: number },
  ripe: readonly Issue[] = [],
): ProjectPoll {
  const numbers = new Set(ripe.map(({ number }) => number));
  const young = [...listed.issues.values()].filter(({ number }) => !numbers.has(number));
  const seen = young.length > 0 ? young : [...listed.issues.values()];
  const times = seen.map(({ updatedAtMs }) => updatedAtMs);
  // Up to the oldest that is not judged yet; else to the newest of all.
  const reached = young.length > 0 ? Math.min(...times) : Math.max(row.watermarkMs, ...times);
  const watermarkMs = Math.max(row.watermarkMs, reached);
  const isDeferred = young.length > 0;
  const isSame = watermarkMs === row.watermarkMs && !isDeferred;
  return {
    accounted: {
      ...{ ...row, watermarkMs, heard: told.heard, malformed: listed.malformed, isAnew: false },
      // Of the same question alone: with another watermark it is another one.
      etag: isSame ? (listed.etag ?? null) : null,
      issues: new Map(fresh.map((issue) => [issue.number, knownOf(issue)])),
    },
    found: told.found,
    isDeferred,
  };
}
