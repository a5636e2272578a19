import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { type Answer, answered, failed, mapped } from "./answer.ts";
import type { Call, ForgeClient } from "./client.ts";
import type { Dialect } from "./dialect.ts";
import type { Blocker, Forge, Hook, Repository } from "./forge.ts";
import { createForgeWrites } from "./forge-writes.ts";
import { readIssue } from "./issue.ts";

/** GitHub's API, and that of the forges that were made after it. */
export function createForge(client: ForgeClient, dialect: Dialect): Forge {
  async function ask(call: Call): Promise<Answer<Json>> {
    return mapped(await client.call(call), ({ body }) => body);
  }

  async function askFor<T>(path: string, read: (body: Json) => T | undefined): Promise<Answer<T>> {
    const said = await ask({ path });
    if (!said.ok) return said;
    const value = read(said.value);
    return value === undefined
      ? failed("malformed", `GET ${path} was answered with something else`)
      : answered(value);
  }

  const repo = (project: string) => `/repos/${project}`;
  const issue = (project: string, number: number) => `${repo(project)}/issues/${number}`;

  return {
    kind: dialect.kind,
    ...createForgeWrites(client, dialect),
    whoAmI: () => askFor("/user", (body) => loginOf(body)),
    repository: (project) => askFor(repo(project), readRepository),
    issue: (project, number) => askFor(issue(project, number), readIssue),
    hooks: (project) => askFor(`${repo(project)}/hooks`, (body) => readHooks(body, dialect)),
    async blockers(project, number) {
      const path = `${issue(project, number)}/${dialect.dependencies}`;
      const found = await askFor(path, (body) => readBlockers(body, project));
      // The issue itself is there, so it is this that is not.
      return !found.ok && found.problem.kind === "not_found" ? answered(null) : found;
    },
    async issues(project, { next, etag, signal, ...list }) {
      const path = `${repo(project)}/issues`;
      const call = next === undefined ? { path, query: dialect.listQuery(list) } : { path: next };
      const said = await client.call({ ...call, etag, signal });
      if (!said.ok) return said;
      const { body, isUnchanged, ...page } = said.value;
      if (isUnchanged) return answered({ ...page, isUnchanged, items: [] });
      if (!Array.isArray(body)) return failed("malformed", `GET ${path} was answered with no list`);
      return answered({ ...page, isUnchanged, items: body });
    },
  };
}

function loginOf(body: Json): { login: string } | undefined {
  const login = isJsonObject(body) ? body["login"] : undefined;
  return typeof login === "string" ? { login } : undefined;
}

function readRepository(body: Json): Repository | undefined {
  if (!isJsonObject(body)) return undefined;
  const { id, full_name: fullName, permissions } = body;
  if (!Number.isSafeInteger(id) || typeof fullName !== "string") return undefined;
  const push = isJsonObject(permissions) ? permissions["push"] : undefined;
  return {
    id: id as number,
    fullName,
    hasIssues: body["has_issues"] !== false,
    isArchived: body["archived"] === true,
    mayWrite: typeof push === "boolean" ? push : undefined,
    raw: body,
  };
}

function readHooks(body: Json, { hasSecret }: Dialect): Hook[] | undefined {
  if (!Array.isArray(body)) return undefined;
  return body.filter(isJsonObject).map((hook) => {
    const config = isJsonObject(hook["config"]) ? hook["config"] : {};
    const events = Array.isArray(hook["events"]) ? hook["events"] : [];
    return {
      url: typeof config["url"] === "string" ? config["url"] : "",
      isActive: hook["active"] !== false,
      events: events.filter((one) => typeof one === "string"),
      hasSecret: hasSecret(config),
      lastFailure: failureOf(hook["last_response"]),
    };
  });
}

/** GitHub alone tells it, with the hook itself. */
function failureOf(last: Json | undefined): string | undefined {
  if (!isJsonObject(last) || last["status"] === "unused") return undefined;
  const code = last["code"];
  if (typeof code === "number" && code >= 200 && code < 300) return undefined;
  const said = [code, last["message"]].filter(
    (one) => typeof one === "string" || typeof one === "number",
  );
  return said.length === 0 ? undefined : said.join(" ");
}

function readBlockers(body: Json, project: string): Blocker[] | undefined {
  if (!Array.isArray(body)) return undefined;
  return body.flatMap((one) => {
    const read = readIssue(one);
    if (read === undefined) return [];
    const { number, state, title } = read;
    return [{ project: projectOf(read.raw) ?? project, number, state, title }];
  });
}

/** Gitea has the repository in the issue, GitHub its address. */
function projectOf({ repository, repository_url: url }: JsonObject): string | undefined {
  const name = isJsonObject(repository) ? repository["full_name"] : undefined;
  if (typeof name === "string" && name !== "") return name;
  return typeof url === "string" ? /\/repos\/([^/]+\/[^/]+)$/.exec(url)?.[1] : undefined;
}
