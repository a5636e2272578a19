import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "@yardmaster/protocol";

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** The event's name by its header, else, where a relay left it out, by the body; `unknown` at worst. */
export function githubEventName(headers: IncomingHttpHeaders, body: JsonObject): string {
  const name = headers["x-github-event"];
  if (typeof name === "string" && NAME.test(name)) return name;
  return BODIES.find(([, fields]) => fields.every((field) => has(body, field)))?.[0] ?? "unknown";
}

/**
 * The fields that a body must have to be of an event; the first line that fits counts, so bodies that hold what
 * another event is about stand before it. `a.b` is a field inside `a`, `!a` one
 * that must be missing, `a=b` one with this text.
 */
const BODIES: readonly (readonly [name: string, fields: readonly string[]])[] = [
  ["ping", ["zen", "hook"]],
  ["meta", ["hook_id", "hook"]],
  ["pull_request_review_comment", ["pull_request", "comment"]],
  ["pull_request_review_thread", ["pull_request", "thread"]],
  ["pull_request_review", ["pull_request", "review"]],
  ["pull_request", ["pull_request"]],
  ["issue_comment", ["issue", "comment"]],
  ["issues", ["issue"]],
  ["sub_issues", ["sub_issue", "parent_issue"]],
  ["issue_dependencies", ["blocked_issue", "blocking_issue"]],
  ["discussion_comment", ["discussion", "comment"]],
  ["discussion", ["discussion"]],
  ["commit_comment", ["comment"]],
  ["deployment_status", ["deployment_status"]],
  ["deployment_review", ["workflow_run", "since"]],
  ["deployment_protection_rule", ["deployment_callback_url"]],
  ["workflow_job", ["workflow_job"]],
  ["deployment", ["deployment"]],
  ["workflow_run", ["workflow_run"]],
  ["workflow_dispatch", ["workflow", "inputs"]],
  ["repository_dispatch", ["client_payload"]],
  ["check_run", ["check_run"]],
  ["check_suite", ["check_suite"]],
  ["push", ["commits", "ref"]],
  ["create", ["ref_type", "master_branch"]],
  ["delete", ["ref_type"]],
  ["status", ["sha", "state"]],
  ["code_scanning_alert", ["alert", "commit_oid"]],
  ["secret_scanning_alert_location", ["alert", "location"]],
  ["secret_scanning_alert", ["alert.secret_type"]],
  ["dependabot_alert", ["alert.dependency"]],
  ["repository_vulnerability_alert", ["alert"]],
  ["repository_advisory", ["repository_advisory"]],
  ["security_advisory", ["security_advisory"]],
  ["branch_protection_rule", ["rule"]],
  ["repository_ruleset", ["repository_ruleset"]],
  ["custom_property_values", ["new_property_values"]],
  ["deploy_key", ["key"]],
  ["fork", ["forkee"]],
  ["gollum", ["pages"]],
  ["page_build", ["build"]],
  ["merge_group", ["merge_group"]],
  ["package", ["package"]],
  ["registry_package", ["registry_package"]],
  ["release", ["release"]],
  ["star", ["starred_at"]],
  ["project_card", ["project_card"]],
  ["project_column", ["project_column"]],
  ["project", ["project"]],
  ["projects_v2_item", ["projects_v2_item"]],
  ["projects_v2_status_update", ["projects_v2_status_update"]],
  ["projects_v2", ["projects_v2"]],
  ["sponsorship", ["sponsorship"]],
  ["marketplace_purchase", ["marketplace_purchase"]],
  ["installation_repositories", ["repositories_added"]],
  ["installation_target", ["target_type", "account"]],
  ["installation", ["installation.account"]],
  ["org_block", ["blocked_user"]],
  ["membership", ["team", "member"]],
  ["member", ["member"]],
  ["team_add", ["team", "!action"]],
  ["team", ["team"]],
  ["label", ["label"]],
  ["milestone", ["milestone"]],
  ["repository_import", ["repository", "status"]],
  ["public", ["repository", "!action"]],
  // Its only action, and no other event of a repository has it.
  ["watch", ["repository", "action=started"]],
  ["repository", ["repository", "action"]],
  ["organization", ["organization", "action"]],
  ["github_app_authorization", ["action=revoked", "sender"]],
];

function has(body: JsonObject, field: string): boolean {
  if (field.startsWith("!")) return !Object.hasOwn(body, field.slice(1));
  const [name = "", word] = field.split("=");
  if (word !== undefined) return body[name] === word;
  const [outer = "", inner] = field.split(".");
  if (inner === undefined) return Object.hasOwn(body, outer);
  const holder = body[outer];
  return typeof holder === "object" && holder !== null && Object.hasOwn(holder, inner);
}
