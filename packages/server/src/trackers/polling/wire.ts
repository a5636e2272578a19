import type { IncomingHttpHeaders } from "node:http";
import { isJsonObject, type Json, type JsonObject, type TrackerKind } from "@yardmaster/protocol";
import type { Issue, Repository } from "../forge/index.ts";
import { type Change, changeText } from "../hearing/change.ts";
import { sha256Hex } from "../hearing/digest.ts";

/** A delivery as the forge would have sent it of what has changed, marked as found. */
export interface Wire {
  readonly senderId: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonObject;
  /** What it tells: Gitea sends one for all labels, GitHub one for each. */
  readonly changes: readonly Change[];
}

export interface Found {
  readonly kind: TrackerKind;
  readonly trackerId: string;
  readonly repository: Repository;
  readonly issue: Issue;
  /** When the changes were made at the earliest; Unix milliseconds. */
  readonly fromMs: number;
}

/** Who did it is not known of most changes: the forges have an account for who is not there any more. */
const NOBODY: Readonly<Record<TrackerKind, JsonObject>> = {
  gitea: { id: -1, login: "Ghost", full_name: "Ghost", username: "Ghost" },
  forgejo: { id: -1, login: "Ghost", full_name: "Ghost", username: "Ghost" },
  github: { id: 10_137, login: "ghost", type: "User", site_admin: false },
};

/** What was found of an issue, in the order in which it is told. */
export function wiresOf(found: Found, changes: readonly Change[]): Wire[] {
  const groups = found.kind === "github" ? changes.map((one) => [one]) : giteaGroups(changes);
  return groups.map((group) => wireOf(found, group));
}

/** Of labels and assignees Gitea tells how they are now: one delivery for all that came, one for all that went. */
function giteaGroups(changes: readonly Change[]): Change[][] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const { kind } = change;
    const key = kind === "labeled" || kind === "unlabeled" ? "labels" : kind;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(change);
  }
  return [...groups.values()];
}

function wireOf(found: Found, changes: readonly Change[]): Wire {
  const [change] = changes as [Change];
  const { kind, issue } = found;
  const senderId = senderIdOf(found, changes);
  const common = {
    issue: issue.raw,
    repository: found.repository.raw,
    sender: change.kind === "opened" ? (issue.raw["user"] ?? NOBODY[kind]) : NOBODY[kind],
  };
  if (kind === "github") {
    const body = { action: change.kind, ...common, ...githubDelta(change, issue) };
    const headers = { "x-github-event": "issues", "x-github-delivery": senderId };
    return { senderId, changes, headers: { ...marked, ...headers }, body };
  }
  const [type, action] = giteaWords(change, issue);
  const body = { action, number: issue.number, ...changedFields(change), ...common, commit_id: "" };
  const names = { "x-gitea-event": "issues", "x-gitea-event-type": type };
  return {
    senderId,
    changes,
    headers: { ...marked, ...names, "x-gitea-delivery": senderId },
    body,
  };
}

const marked = { "content-type": "application/json", "x-yardmaster-found-by": "polling" };

/** The same of the same change, whoever finds it and however often: what was taken already is a duplicate. */
function senderIdOf(
  { trackerId, repository, issue, fromMs }: Found,
  changes: readonly Change[],
): string {
  const parts = [trackerId, repository.id, issue.number, fromMs, issue.updatedAtMs];
  const text = JSON.stringify([...parts, ...changes.map(changeText)]);
  return `found-${sha256Hex(text).slice(0, 32)}`;
}

function githubDelta(change: Change, { raw }: Issue): JsonObject {
  switch (change.kind) {
    case "assigned":
    case "unassigned":
      return { assignee: namedIn(raw["assignees"], "login", change.who) };
    case "labeled":
    case "unlabeled":
      return { label: namedIn(raw["labels"], "name", change.label) };
    default:
      return changedFields(change);
  }
}

/** What is there any more is known in full, what is gone by its name alone. */
function namedIn(list: Json | undefined, field: string, name: string): Json {
  const all = Array.isArray(list) ? list : [];
  return all.find((one) => isJsonObject(one) && one[field] === name) ?? { [field]: name };
}

/** Of a body that was edited nobody keeps what it was. */
function changedFields(change: Change): JsonObject {
  if (change.kind !== "edited") return {};
  const title = change.titleFrom === null ? {} : { title: { from: change.titleFrom } };
  return { changes: { ...title, ...(change.isBody ? { body: {} } : {}) } };
}

function giteaWords(change: Change, { labels }: Issue): [type: string, action: string] {
  switch (change.kind) {
    case "assigned":
    case "unassigned":
      return ["issue_assign", change.kind];
    case "labeled":
    case "unlabeled":
      return ["issue_label", labels.length === 0 ? "label_cleared" : "label_updated"];
    default:
      return ["issues", change.kind];
  }
}
