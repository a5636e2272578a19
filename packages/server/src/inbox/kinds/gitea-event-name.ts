import type { IncomingHttpHeaders } from "node:http";
import { isJsonObject, type JsonObject } from "@yardmaster/protocol";

/** The exact type first, then the coarse group, each under the names that the servers give it. */
const EVENT_HEADERS = [
  "x-gitea-event-type",
  "x-forgejo-event-type",
  "x-gogs-event-type",
  "x-gitea-event",
  "x-forgejo-event",
  "x-gogs-event",
  "x-github-event",
] as const;
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** The event's name by the headers, else, where a sender or proxy left them out, by the body; `unknown` at worst. */
export function giteaEventName(headers: IncomingHttpHeaders, body: JsonObject): string {
  for (const header of EVENT_HEADERS) {
    const name = headers[header];
    if (typeof name === "string" && NAME.test(name)) return name;
  }
  return nameFromBody(body);
}

/** Endings that the action adds to `issue` and `pull_request`; other actions are the group's own. */
const ENDING_OF_ACTION: { readonly [action: string]: string } = {
  assigned: "assign",
  unassigned: "assign",
  label_updated: "label",
  label_cleared: "label",
  milestoned: "milestone",
  demilestoned: "milestone",
};
const ENDING_OF_PULL_ACTION: { readonly [action: string]: string } = {
  ...ENDING_OF_ACTION,
  synchronized: "sync",
  review_requested: "review_request",
  review_request_removed: "review_request",
};
/** Bodies that one field tells apart. */
const NAME_OF_FIELD = [
  ["release", "release"],
  ["workflow_job", "workflow_job"],
  ["workflow_run", "workflow_run"],
  ["package", "package"],
  ["forkee", "fork"],
  ["page", "wiki"],
] as const;

function nameFromBody(body: JsonObject): string {
  const action = typeof body["action"] === "string" ? body["action"] : "";
  if (isJsonObject(body["comment"]))
    return body["is_pull"] === true ? "pull_request_comment" : "issue_comment";
  if (isJsonObject(body["pull_request"])) return pullRequestName(body, action);
  if (isJsonObject(body["issue"])) return withEnding("issue", ENDING_OF_ACTION[action]) ?? "issues";
  if (Array.isArray(body["commits"])) return "push";
  for (const [field, name] of NAME_OF_FIELD) if (body[field] !== undefined) return name;
  if (typeof body["ref_type"] === "string")
    return typeof body["sha"] === "string" ? "create" : "delete";
  if (typeof body["state"] === "string" && typeof body["sha"] === "string") return "status";
  if (action !== "" && isJsonObject(body["repository"])) return "repository";
  return "unknown";
}

function pullRequestName(body: JsonObject, action: string): string {
  const review = body["review"];
  if (action === "reviewed" && isJsonObject(review)) {
    const verdict = /(approved|rejected|comment)$/.exec(String(review["type"]))?.[1];
    if (verdict !== undefined) return `pull_request_review_${verdict}`;
  }
  return withEnding("pull_request", ENDING_OF_PULL_ACTION[action]) ?? "pull_request";
}

function withEnding(group: string, ending: string | undefined): string | undefined {
  return typeof ending === "string" ? `${group}_${ending}` : undefined;
}
