import type { WorkStatus } from "@yardmaster/protocol";
import type { Change, CommitUnit, PreparedRun } from "../../engine/index.ts";
import { type IssueRow, type ItemRow, nameOfIssue } from "../work-row.ts";
import { type WorkWrite, workPart } from "./work-part.ts";

/** An item that has changed its status, or is new; with the issue that it is of. */
export interface Told {
  readonly item: ItemRow;
  readonly project: string;
}

/** A write of work as a unit of the engine, with what the feed is told of it. */
export function workUnit(
  row: WorkWrite,
  {
    runs = [],
    told = [],
  }: { readonly runs?: readonly PreparedRun[]; readonly told?: readonly Told[] },
): CommitUnit {
  const bodies = (row.issues ?? []).reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
  return {
    part: { kind: workPart, row },
    runs,
    announce: told.map(changeOf),
    bytes: bodies,
  };
}

function changeOf({ item, project }: Told): Change {
  const { id, status, tracker, number, reason, run_id, attempts } = item;
  return {
    ...{ type: `work.${status}` as `work.${WorkStatus}`, id },
    ...{ work: nameOfIssue(project, number), tracker, project, number },
    ...{ status, reason, run_id, attempts },
  };
}

/** Of what was read and what is to be written, those whose status changed. */
export function statusChanges(
  before: readonly ItemRow[],
  after: readonly ItemRow[],
): readonly ItemRow[] {
  const known = new Map(before.map(({ id, status, attempts }) => [id, `${status} ${attempts}`]));
  return after.filter(({ id, status, attempts }) => known.get(id) !== `${status} ${attempts}`);
}

export type ProjectOf = (item: Pick<ItemRow, "tracker_id" | "repository" | "number">) => string;

export function projectsOf(
  issues: readonly Pick<IssueRow, "tracker_id" | "repository" | "project">[],
): ProjectOf {
  const known = new Map(issues.map((one) => [`${one.tracker_id} ${one.repository}`, one.project]));
  return ({ tracker_id, repository }) => known.get(`${tracker_id} ${repository}`) ?? repository;
}
