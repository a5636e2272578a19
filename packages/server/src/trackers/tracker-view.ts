import { formatDuration, type Source, type Tracker } from "@yardmaster/protocol";
import { placeOf } from "./tracker-token.ts";
import type { TrackerRow } from "./trackers.store.ts";

/** A tracker as the API shows it; never its token. */
export function trackerView(row: TrackerRow, source: Source | undefined): Tracker {
  const { token, poll_ms, projects, ...rest } = row;
  const why = whyUnready(row, source);
  return {
    ...rest,
    token: placeOf(token),
    projects: [...projects],
    poll_interval: formatDuration(poll_ms),
    enabled: row.paused_by === null,
    status: row.paused_by !== null ? "paused" : why === undefined ? "active" : "unready",
    reason: row.paused_by !== null ? `it is paused by ${row.paused_by}` : (why ?? null),
  };
}

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
