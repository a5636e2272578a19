import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";

/** An issue as far as both forges say the same of it, and all that the forge said. */
export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  /** Unix milliseconds; both forges tell whole seconds. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Logins and names, in their order. */
  readonly assignees: readonly string[];
  readonly labels: readonly string[];
  /** Pull requests stand in GitHub's lists of issues too. */
  readonly isPull: boolean;
  readonly raw: JsonObject;
}

/** An issue out of a list, an answer or a webhook; undefined where it is none. */
export function readIssue(value: Json | undefined): Issue | undefined {
  if (!isJsonObject(value)) return undefined;
  const { number, title, state } = value;
  const updatedAtMs = timeIn(value["updated_at"]);
  if (!Number.isSafeInteger(number) || typeof title !== "string" || updatedAtMs === undefined)
    return undefined;
  if (state !== "open" && state !== "closed") return undefined;
  return {
    number: number as number,
    title,
    body: typeof value["body"] === "string" ? value["body"] : "",
    state,
    createdAtMs: timeIn(value["created_at"]) ?? updatedAtMs,
    updatedAtMs,
    assignees: namesIn(assigneesOf(value), "login"),
    labels: namesIn(value["labels"], "name"),
    isPull: isJsonObject(value["pull_request"]),
    raw: value,
  };
}

function assigneesOf({ assignees, assignee }: JsonObject): Json | undefined {
  return Array.isArray(assignees) ? assignees : assignee == null ? [] : [assignee];
}

/** Sorted, each once. */
function namesIn(list: Json | undefined, field: string): string[] {
  if (!Array.isArray(list)) return [];
  const names = list.flatMap((one) => {
    const name = isJsonObject(one) ? one[field] : one;
    return typeof name === "string" ? [name] : [];
  });
  return [...new Set(names)].sort();
}

function timeIn(value: Json | undefined): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
