import { formatDuration, type Source, type Tracker } from "@yardmaster/protocol";
import type { PolledProject } from "./polling/projects.store.ts";
import { placeOf } from "./tracker-token.ts";
import type { TrackerRow } from "./trackers.store.ts";

/** A tracker as the API shows it; never its token. */
export function trackerView(
  row: TrackerRow,
  source: Source | undefined,
  polled: readonly PolledProject[],
): Tracker {
  const { token, poll_ms, projects, poll_at, ...rest } = row;
  const why = whyUnready(row, source);
  return {
    ...rest,
    token: placeOf(token),
    projects: [...projects],
    poll_interval: formatDuration(poll_ms),
    next_poll_at: poll_at,
    polled: projects.map((project) => projectView(row, project, polled)),
    enabled: row.paused_by === null,
    status: row.paused_by !== null ? "paused" : why === undefined ? "active" : "unready",
    reason: row.paused_by !== null ? `it is paused by ${row.paused_by}` : (why ?? null),
  };
}

function projectView(
  { id }: TrackerRow,
  project: string,
  polled: readonly PolledProject[],
): Tracker["polled"][number] {
  const found = polled.find((one) => one.tracker_id === id && one.project === project);
  const { tracker_id: _, ...view } = found ?? { tracker_id: id, project, ...NOT_READ };
  return view;
}

const NOT_READ = {
  ...{ since: null, polled_at: null, problem: null, last_found_at: null },
  ...{ heard: 0, lost: 0, delayed: 0, malformed: 0 },
};

/** What keeps what is found of its issues from coming in. */
export function whyUnready(
  { source: name, kind }: Pick<TrackerRow, "source" | "kind">,
  source: Pick<Source, "kind"> | undefined,
): string | undefined {
  if (source === undefined)
    return `there is no source ${name}: yard sources create ${name} --kind ${kind} --generate-secret`;
  if (source.kind !== kind)
    return `the source ${name} is of the kind ${source.kind}, and the tracker of ${kind}`;
  return undefined;
}
