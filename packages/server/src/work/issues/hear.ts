import { DEFAULT_WORK_PRIORITY, type WorkEvent } from "@yardmaster/kernel";
import { isWorkFinal, type NewId } from "@yardmaster/protocol";
import { type MoveContext, movedItem, newItem, timeOf } from "../items/moved-item.ts";
import type { IssueRow, ItemRow } from "../work-row.ts";
import type { HeardIssue } from "./heard-issue.ts";
import { keptMetadata } from "./kept-metadata.ts";

export interface Hearing extends MoveContext {
  readonly tracker: {
    readonly id: string;
    readonly name: string;
    /** Login in lower case. */
    readonly bot: string | undefined;
    readonly agents: readonly string[];
  };
  readonly eventId: string;
  readonly newId: NewId;
}

/** What is known of an issue, and the latest item of it. */
export interface Known {
  readonly issue: IssueRow | undefined;
  readonly item: ItemRow | undefined;
}

/**
 * What is known of an issue once an event has told of it. It is work when it is open and the bot's, and what counts is
 * that it became so, or ceased to be: an event that says again what is known changes nothing, and one that was lost is
 * made up for by the next that tells of the issue. Undefined where it comes late.
 */
export function hear(known: Known, heard: HeardIssue, hearing: Hearing): Known | undefined {
  const { issue: before } = known;
  if (comesLate(before, heard)) return undefined;
  const issue = issueRow(before, heard, hearing);
  const [was, is] = [isWanted(before), isWanted(issue)];
  const { item } = known;
  const live = item !== undefined && !isWorkFinal(item.status) ? item : undefined;
  if (is && !was && live === undefined) return { issue, item: itemOf(issue, item, hearing) };
  if (is || live === undefined || isClosedByItsRun(live, heard, hearing)) return { issue, item };
  return { issue, item: movedItem(live, goneEvent(issue, heard), hearing) ?? item };
}

/** Whether the bot is to work on it. */
export function isWanted(issue: Pick<IssueRow, "state" | "assigned"> | undefined): boolean {
  return issue?.state === "open" && issue.assigned;
}

function comesLate(before: IssueRow | undefined, { changedAt }: HeardIssue): boolean {
  if (before?.changed_at == null || changedAt === null) return false;
  return Date.parse(changedAt) < Date.parse(before.changed_at);
}

/** Its own run closes it at its end, and has yet to end. */
function isClosedByItsRun(item: ItemRow, heard: HeardIssue, { tracker }: Hearing): boolean {
  const isBot = heard.sender !== undefined && heard.sender === tracker.bot;
  return item.running && heard.state === "closed" && isBot;
}

function goneEvent({ assigned, state }: IssueRow, { sender }: HeardIssue): WorkEvent {
  const by = sender === undefined ? "" : ` by ${sender}`;
  if (state === "deleted")
    return { type: "gone", code: "issue_deleted", message: `the issue was deleted${by}` };
  if (state === "closed" || assigned)
    return { type: "gone", code: "issue_closed", message: `the issue was closed${by}` };
  return { type: "gone", code: "unassigned", message: `it was taken from the bot${by}` };
}

function itemOf(issue: IssueRow, before: ItemRow | undefined, hearing: Hearing): ItemRow {
  const { tracker_id, repository, number } = issue;
  return newItem(
    {
      ...{ id: hearing.newId(), tracker: hearing.tracker.name },
      ...{ tracker_id, repository, number, event_id: hearing.eventId },
      retry_of: before?.id ?? null,
      priority: before?.priority ?? DEFAULT_WORK_PRIORITY,
    },
    hearing.now,
  );
}

function issueRow(before: IssueRow | undefined, heard: HeardIssue, hearing: Hearing): IssueRow {
  const { tracker, now } = hearing;
  const { repository, project, number, title, url, author, state } = heard;
  const assigned =
    heard.assignees === undefined
      ? (before?.assigned ?? false)
      : tracker.bot !== undefined && heard.assignees.includes(tracker.bot);
  return {
    ...{ tracker_id: tracker.id, repository, project, number, title, url, author, state },
    ...{ assigned, body: assigned ? heard.body : null },
    metadata: keptMetadata(heard, tracker.agents),
    changed_at: heard.changedAt ?? before?.changed_at ?? null,
    heard_at: timeOf(now),
    ...{ check_at: null, asked_at: null, ask_problem: null },
  };
}
