import { setTimeout as after } from "node:timers/promises";
import { DEFAULT_METADATA, readinessOf } from "@yardmaster/kernel";
import type { EdgeRow } from "../issues/issues.store.ts";
import { timeOf } from "../items/moved-item.ts";
import type { WorkTracker } from "../work.types.ts";
import { type IssueRow, type KeptMetadata, nameOfIssue } from "../work-row.ts";
import { type KnownNode, readName } from "./work-nodes.ts";

/** So many issues are asked for at a time: a forge bounds what it is asked. */
const MAX_ASKED = 20;
const AGAIN_MS = 60_000;
/** Everything else waits for the answer: one that takes longer is none. */
const ANSWER_MS = 5_000;
/** What its webhooks do not tell: of an issue in a repository that is not the tracker's. */
const FOREIGN_AGAIN_MS = 300_000;

const NOTHING_SAID: KeptMetadata = {
  ...DEFAULT_METADATA,
  from: {
    ...{ estimated_context: "default", difficulty: "default", assigned_agent: "default" },
    ...{ blocks: "default", blocked_by: "default" },
  },
  warnings: [],
};

/**
 * Asks the tracker for blockers that nobody has heard of, and for those that are to be asked for again. A blocker that it
 * does not have holds nothing; one that it cannot say anything of holds until it can.
 */
export async function askBlockers(
  tracker: WorkTracker,
  { nodes, edges }: { readonly nodes: readonly KnownNode[]; readonly edges: readonly EdgeRow[] },
  now: number,
): Promise<readonly IssueRow[]> {
  const known = new Map(edges.map((edge) => [nameOfIssue(edge.project, edge.number), edge]));
  const wanted = new Set<string>();
  for (const said of readinessOf(nodes).values()) {
    for (const key of said.unknown) if (!known.has(key)) wanted.add(key);
    if (said.ready || said.code === "dependency_cycle") continue;
    for (const key of said.keys) if (isDue(known.get(key), now)) wanted.add(key);
  }
  const repositories = new Map(edges.map((edge) => [edge.project.toLowerCase(), edge.repository]));
  const asked = [...wanted].flatMap((key) => readName(key) ?? []).slice(0, MAX_ASKED);
  return await Promise.all(
    asked.map(async ({ project, number }) => {
      const before = known.get(nameOfIssue(project, number));
      const repository = before?.repository ?? repositories.get(project) ?? project;
      const reading = await answerOf(tracker, project, number);
      return askedRow(tracker, { repository, project, number, before }, reading, now);
    }),
  );
}

type Reading = Awaited<ReturnType<WorkTracker["issue"]>>;

async function answerOf(tracker: WorkTracker, project: string, number: number): Promise<Reading> {
  const answered = new AbortController();
  const late: Reading = {
    ...{ status: "unreadable", message: "it did not answer in time" },
    retryAfterMs: undefined,
  };
  const waiting = after(ANSWER_MS, late, { signal: answered.signal }).catch(() => late);
  return await Promise.race([tracker.issue(project, number), waiting]).finally(() =>
    answered.abort(),
  );
}

function isDue(edge: EdgeRow | undefined, now: number): boolean {
  return edge?.check_at != null && Date.parse(edge.check_at) <= now;
}

interface Asked {
  readonly repository: string;
  readonly project: string;
  readonly number: number;
  readonly before: EdgeRow | undefined;
}

function askedRow(
  tracker: WorkTracker,
  { repository, project, number, before }: Asked,
  reading: Reading,
  now: number,
): IssueRow {
  const isOwn = tracker.projects.some((one) => one.toLowerCase() === project);
  const isAnswered = reading.status === "open" || reading.status === "closed";
  const againMs =
    reading.status === "unreadable"
      ? Math.max(reading.retryAfterMs ?? 0, AGAIN_MS)
      : reading.status === "open" && !isOwn
        ? FOREIGN_AGAIN_MS
        : undefined;
  return {
    tracker_id: tracker.id,
    ...{
      repository,
      project: before?.project ?? project,
      number,
      url: null,
      author: null,
      body: null,
    },
    title: isAnswered ? reading.issue.title.slice(0, 1_000).replaceAll("\u0000", "\ufffd") : "",
    state: reading.status === "not_found" ? "missing" : reading.status,
    ...{ assigned: false, metadata: before?.metadata ?? NOTHING_SAID, changed_at: null },
    heard_at: timeOf(now),
    check_at: againMs === undefined ? null : timeOf(now + againMs),
    ...{ asked_at: null, ask_problem: null },
  };
}
