import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { type Answer, answered, failed } from "./answer.ts";
import type { Call, ForgeClient } from "./client.ts";
import type { Dialect } from "./dialect.ts";
import type { Comment, Delta, Forge } from "./forge.ts";
import { type Issue, readIssue } from "./issue.ts";

type Writes = Pick<
  Forge,
  "comments" | "addComment" | "setState" | "changeLabels" | "changeAssignees" | "addStatus"
>;

/** A list of comments or labels that has more pages than this is read no further. */
const MAX_PAGES = 100;

/** What is written to a forge. Each can be done again: it is then as it was. */
export function createForgeWrites(
  client: ForgeClient,
  { isById }: Pick<Dialect, "isById">,
): Writes {
  const issuePath = (project: string, number: number) => `/repos/${project}/issues/${number}`;

  async function send(
    method: NonNullable<Call["method"]>,
    path: string,
    body?: Json,
  ): Promise<Answer<Json>> {
    const said = await client.call(body === undefined ? { method, path } : { method, path, body });
    return said.ok ? answered(said.value.body) : said;
  }

  async function all(path: string): Promise<Answer<JsonObject[]>> {
    const found: JsonObject[] = [];
    const size: Record<string, string> = isById ? { limit: "50" } : { per_page: "100" };
    let call: Call = { path, query: size };
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const said = await client.call(call);
      if (!said.ok) return said;
      if (!Array.isArray(said.value.body))
        return failed("malformed", `GET ${path} was answered with no list`);
      found.push(...said.value.body.filter(isJsonObject));
      if (said.value.next === undefined) return answered(found);
      call = { path: said.value.next };
    }
    return failed("malformed", `GET ${path} has more than ${MAX_PAGES} pages`);
  }

  async function issueAt(path: string): Promise<Answer<Issue>> {
    return readAs(await send("GET", path), readIssue);
  }

  /** Gitea names labels by their ids, in its older versions by nothing else. */
  async function labelIds(
    project: string,
    names: readonly string[],
  ): Promise<Answer<ReadonlyMap<string, number>>> {
    const labels = await all(`/repos/${project}/labels`);
    if (!labels.ok) return labels;
    const ids = new Map(labels.value.map(({ name, id }) => [String(name), Number(id)]));
    const missing = names.find((name) => !ids.has(name));
    if (missing === undefined) return answered(ids);
    return failed("rejected", `there is no label ${missing} in ${project}: make it there first`);
  }

  async function giteaLabels(path: string, project: string, { add, remove }: Delta) {
    const ids = await labelIds(project, add);
    if (!ids.ok) return ids;
    const labels = add.map((name) => ids.value.get(name) as number);
    const added =
      labels.length === 0 ? answered(null) : await send("POST", `${path}/labels`, { labels });
    if (!added.ok) return added;
    for (const name of remove) {
      const id = ids.value.get(name);
      const gone = id === undefined ? answered(null) : await send("DELETE", `${path}/labels/${id}`);
      if (!gone.ok && gone.problem.kind !== "not_found") return gone;
    }
    return answered(null);
  }

  async function githubLabels(path: string, { add, remove }: Delta) {
    const added =
      add.length === 0
        ? answered(null)
        : await send("POST", `${path}/labels`, { labels: [...add] });
    if (!added.ok) return added;
    for (const name of remove) {
      const gone = await send("DELETE", `${path}/labels/${encodeURIComponent(name)}`);
      if (!gone.ok && gone.problem.kind !== "not_found") return gone;
    }
    return answered(null);
  }

  async function githubAssignees(path: string, { add, remove }: Delta) {
    for (const [method, names] of [
      ["DELETE", remove],
      ["POST", add],
    ] as const) {
      if (names.length === 0) continue;
      const done = await send(method, `${path}/assignees`, { assignees: [...names] });
      if (!done.ok) return done;
    }
    return answered(null);
  }

  return {
    async comments(project, number) {
      const found = await all(`${issuePath(project, number)}/comments`);
      return found.ok ? answered(found.value.flatMap((one) => readComment(one) ?? [])) : found;
    },
    addComment: async (project, number, body) =>
      readAs(await send("POST", `${issuePath(project, number)}/comments`, { body }), readComment),
    setState: async (project, number, state) =>
      readAs(await send("PATCH", issuePath(project, number), { state }), readIssue),
    async changeLabels(project, number, change) {
      const path = issuePath(project, number);
      const done = await (isById ? giteaLabels(path, project, change) : githubLabels(path, change));
      return done.ok ? await issueAt(path) : done;
    },
    async changeAssignees(project, number, change) {
      const path = issuePath(project, number);
      if (!isById) {
        const done = await githubAssignees(path, change);
        return done.ok ? await issueAt(path) : done;
      }
      const issue = await issueAt(path);
      if (!issue.ok) return issue;
      const rest = issue.value.assignees.filter((one) => !change.remove.includes(one));
      const assignees = [...new Set([...rest, ...change.add])];
      return readAs(await send("PATCH", path, { assignees }), readIssue);
    },
    async addStatus(project, { sha, url, description, ...status }) {
      const more = {
        ...(description === undefined ? {} : { description }),
        ...(url === undefined ? {} : { target_url: url }),
      };
      const done = await send("POST", `/repos/${project}/statuses/${sha}`, { ...status, ...more });
      return done.ok ? answered(null) : done;
    },
  };
}

function readAs<T>(answer: Answer<Json>, read: (body: Json) => T | undefined): Answer<T> {
  if (!answer.ok) return answer;
  const value = read(answer.value);
  return value === undefined
    ? failed("malformed", "the tracker has answered with something else")
    : answered(value);
}

function readComment(body: Json): Comment | undefined {
  if (!isJsonObject(body) || !Number.isSafeInteger(body["id"])) return undefined;
  const { id, body: text, html_url: url } = body;
  return {
    id: id as number,
    body: typeof text === "string" ? text : "",
    url: typeof url === "string" ? url : null,
  };
}
