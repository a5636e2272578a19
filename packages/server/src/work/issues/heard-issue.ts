import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";

/** An issue as an event tells of it. */
export interface HeardIssue {
  readonly repository: string;
  readonly project: string;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly url: string | null;
  readonly author: string | null;
  readonly state: "open" | "closed" | "deleted";
  /** Logins in lower case; undefined where the sender does not say. */
  readonly assignees: readonly string[] | undefined;
  /** Login of who has done it, in lower case. */
  readonly sender: string | undefined;
  /** RFC 3339, by the tracker's clock. */
  readonly changedAt: string | null;
}

const TYPES: ReadonlySet<string> = new Set([
  ...["gitea", "forgejo"].flatMap((kind) =>
    ["issues", "issue_assign", "issue_label", "issue_milestone", "issue_comment"].map(
      (name) => `${kind}.${name}`,
    ),
  ),
  ...["github.issues", "github.issue_comment"],
]);

/** Whether events of this type may tell of an issue. */
export function tellsOfIssue(type: string): boolean {
  return TYPES.has(type);
}

/** Undefined where it tells of none: of a pull request, or of nothing that can be read. Never throws. */
export function heardIssueOf(data: Json): HeardIssue | undefined {
  if (!isJsonObject(data) || !isJsonObject(data["issue"])) return undefined;
  const { issue, repository } = data;
  if (!isJsonObject(repository)) return undefined;
  // A comment on a pull request comes with it as an issue.
  if (data["is_pull"] === true || isJsonObject(issue["pull_request"])) return undefined;
  const number = issue["number"] ?? data["number"];
  const project = textOf(repository["full_name"], 300);
  if (!isIssueNumber(number) || project === "") return undefined;
  const { id } = repository;
  return {
    repository: Number.isSafeInteger(id) ? String(id) : project.toLowerCase(),
    ...{ project, number, state: stateOf(data, issue) },
    title: textOf(issue["title"], 1_000),
    body: textOf(issue["body"], MAX_BODY),
    url: textOf(issue["html_url"], 2_000) || null,
    author: loginOf(issue["user"]) ?? null,
    assignees: assigneesOf(issue),
    sender: loginOf(data["sender"])?.toLowerCase(),
    changedAt: timeOf(issue["updated_at"]),
  };
}

/** Of a run's input at most half, so that there is room for the rest. */
export const MAX_BODY = 512 * 1_024;
const MAX_NUMBER = 2 ** 31 - 1;

function isIssueNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MAX_NUMBER;
}

/** PostgreSQL's texts hold no NUL. */
function textOf(value: unknown, max: number): string {
  return typeof value === "string"
    ? value.slice(0, max).replaceAll("\u0000", "\ufffd").toWellFormed()
    : "";
}

function loginOf(account: unknown): string | undefined {
  const login = isJsonObject(account) ? textOf(account["login"], 200) : "";
  return login === "" ? undefined : login;
}

function stateOf({ action }: JsonObject, { state }: JsonObject): HeardIssue["state"] {
  if (action === "deleted" || action === "transferred") return "deleted";
  if (state === "closed" || state === "open") return state;
  return action === "closed" ? "closed" : "open";
}

/** Gitea says one and all, and GitHub too; the first alone where there are no others. */
function assigneesOf({ assignee, assignees }: JsonObject): readonly string[] | undefined {
  if (assignee === undefined && assignees === undefined) return undefined;
  const all = [assignee, ...(Array.isArray(assignees) ? assignees : [])];
  return [...new Set(all.flatMap((one) => loginOf(one)?.toLowerCase() ?? []))];
}

function timeOf(value: unknown): string | null {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
