import { isJsonObject, type Json, type JsonObject, type TrackerKind } from "@yardmaster/protocol";
import { type Change, changeText } from "./change.ts";

/** What a webhook of an issue tells, of whichever forge. */
export interface Heard {
  readonly repositoryId: number | undefined;
  readonly number: number;
  /** Of the issue then; undefined where a sender leaves it out. */
  readonly updatedAtMs: number | undefined;
  /** By login: who did it. */
  readonly sender: string | undefined;
  /** Whether it tells this change. */
  tells(change: string): boolean;
}

/** Undefined where it tells nothing of an issue. `event` is its name in the forge's own words. */
export function heardOf(kind: TrackerKind, event: string, data: Json): Heard | undefined {
  if (!isJsonObject(data) || !isJsonObject(data["issue"]) || !EVENTS.has(event)) return undefined;
  const { issue, repository } = data;
  const number = issue["number"] ?? data["number"];
  if (!Number.isSafeInteger(number)) return undefined;
  const id = isJsonObject(repository) ? repository["id"] : undefined;
  const updatedAtMs = Date.parse(String(issue["updated_at"]));
  const tells = kind === "github" ? githubTells(data) : giteaTells(event, data, issue);
  return {
    ...{ number: number as number, tells, sender: textIn(data["sender"], "login") },
    repositoryId: Number.isSafeInteger(id) ? (id as number) : undefined,
    updatedAtMs: Number.isNaN(updatedAtMs) ? undefined : updatedAtMs,
  };
}

const EVENTS = new Set(["issues", "issue_assign", "issue_label"]);
const STATES = new Set(["opened", "closed", "reopened", "edited"]);

/** GitHub names in each delivery the one thing that has changed. */
function githubTells(data: JsonObject): Heard["tells"] {
  const action = String(data["action"]);
  const about = textIn(data["assignee"], "login") ?? textIn(data["label"], "name");
  const text = STATES.has(action) ? action : `${action}:${about}`;
  return (change) => change === text;
}

/** Gitea sends the issue as it is behind the change, and does not say what of it has changed. */
function giteaTells(event: string, data: JsonObject, issue: JsonObject): Heard["tells"] {
  const action = String(data["action"]);
  if (event === "issues") return (change) => STATES.has(action) && change === action;
  const isAssign = event === "issue_assign";
  const names = isAssign ? assigneesIn(issue) : namesIn(issue["labels"], "name");
  const [added, removed] = isAssign ? ["assigned:", "unassigned:"] : ["labeled:", "unlabeled:"];
  return (change) => {
    if (change.startsWith(added)) return names.includes(change.slice(added.length));
    return change.startsWith(removed) && !names.includes(change.slice(removed.length));
  };
}

function assigneesIn({ assignee, assignees }: JsonObject): string[] {
  const [first] = namesIn([assignee ?? null], "login");
  return [...namesIn(assignees, "login"), ...(first === undefined ? [] : [first])];
}

function namesIn(list: Json | undefined, field: string): string[] {
  return Array.isArray(list) ? list.flatMap((one) => textIn(one, field) ?? []) : [];
}

function textIn(holder: Json | undefined, field: string): string | undefined {
  const text = isJsonObject(holder) ? holder[field] : undefined;
  return typeof text === "string" ? text : undefined;
}

/** Whether one of these has told a change that was made at `fromMs` or after; of one without a time, whatever it tells. */
export function isHeard(change: Change, fromMs: number, heard: readonly Heard[]): boolean {
  const text = changeText(change);
  return heard.some(
    ({ updatedAtMs, tells }) => (updatedAtMs === undefined || updatedAtMs >= fromMs) && tells(text),
  );
}
