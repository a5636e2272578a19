import { hash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isJsonObject, type Json, type JsonObject, type TrackerKind } from "@yardmaster/protocol";
import { githubBodies } from "./github-bodies.ts";
import { sign } from "./intake.ts";

/** What the forge was asked, in order. */
export interface ForgeAsked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Json;
}

/** Answers instead of the forge; undefined lets it answer itself. */
export type Fault = (asked: ForgeAsked, response: ServerResponse) => "answered" | undefined;

export interface FakeIssue {
  readonly number: number;
  title: string;
  body: string;
  state: "open" | "closed";
  assignees: string[];
  labels: string[];
  comments: { id: number; user: string; body: string }[];
  blockedBy: number[];
  isPull: boolean;
  createdAtMs: number;
  updatedAtMs: number;
  deleted: boolean;
}

export interface FakeForgeOptions {
  readonly kind?: TrackerKind;
  readonly token?: string;
  /** Login of the token's account. */
  readonly login?: string;
  readonly project?: string;
}

/** A forge with one project, which speaks over a real socket what the real ones do of issues. */
export interface FakeForge {
  readonly kind: TrackerKind;
  /** Base of its API. */
  readonly url: string;
  readonly project: string;
  readonly repositoryId: number;
  readonly token: string;
  readonly asked: ForgeAsked[];
  readonly hooks: JsonObject[];
  readonly statuses: { readonly sha: string; readonly body: JsonObject }[];
  /** Issues of one page; servers cut to it what asks for more. */
  pageSize: number;
  /** Items that stand in lists beside the issues. */
  extraItems: Json[];
  hasDependencies: boolean;
  /** Its clock; undefined: the real one. */
  nowMs: number | undefined;
  fault: Fault | undefined;
  readonly issues: Map<number, FakeIssue>;
  open(issue?: Partial<FakeIssue>): FakeIssue;
  /** Changes an issue as a person does, at the time of its clock. */
  edit(number: number, change: Partial<FakeIssue>): FakeIssue;
  /** An issue as the API and the webhooks have it. */
  raw(issue: FakeIssue): JsonObject;
  /** The webhook that it would send of an issue as it is now. */
  webhook(
    number: number,
    action: string,
    more?: JsonObject,
  ): { headers: Record<string, string>; body: Buffer };
  close(): Promise<void>;
}

export async function startFakeForge(options: FakeForgeOptions = {}): Promise<FakeForge> {
  const { kind = "gitea", token = "t0ken-of-the-bot", login = "mosaic" } = options;
  const { project = "mosaic/stack" } = options;
  const prefix = kind === "github" ? "" : "/api/v1";
  const issues = new Map<number, FakeIssue>();
  const repositoryId = 4711;

  const nowMs = (): number => Math.floor((forge.nowMs ?? Date.now()) / 1_000) * 1_000;
  const repository = (): JsonObject => {
    const [owner = "", name = ""] = project.split("/");
    return {
      ...{ id: repositoryId, name, full_name: project, private: true, has_issues: true },
      ...{ archived: false, html_url: `${forge.url}/${project}`, default_branch: "main" },
      owner: { id: 9, login: owner, full_name: owner },
      permissions: { admin: true, push: true, pull: true },
    };
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://forge");
      const text = Buffer.concat(chunks).toString();
      const asked: ForgeAsked = {
        method: request.method ?? "",
        path: url.pathname.slice(prefix.length),
        query: url.searchParams,
        headers: request.headers,
        body: text === "" ? null : (JSON.parse(text) as Json),
      };
      forge.asked.push(asked);
      if (forge.fault?.(asked, response) === "answered") return;
      const given = request.headers.authorization;
      if (given !== `${kind === "github" ? "Bearer" : "token"} ${token}`)
        return send(response, 401, { message: "Bad credentials" });
      answer(asked, response);
    });
  });

  function send(
    response: ServerResponse,
    status: number,
    body?: Json,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  function answer(asked: ForgeAsked, response: ServerResponse): void {
    const { method, path } = asked;
    if (path === "/user") return send(response, 200, { id: 7, login });
    const rest = path.startsWith(`/repos/${project}`)
      ? path.slice(`/repos/${project}`.length)
      : undefined;
    if (rest === undefined) return send(response, 404, { message: "Not Found" });
    if (rest === "") return send(response, 200, repository());
    if (rest === "/hooks") return send(response, 200, forge.hooks);
    if (rest === "/issues" && method === "GET") return list(asked, response);
    if (rest === "/labels")
      return send(
        response,
        200,
        [...LABEL_IDS].map(([name, id]) => ({ id, name })),
      );
    const [, sha] = /^\/statuses\/([0-9a-f]+)$/.exec(rest) ?? [];
    if (sha !== undefined && isJsonObject(asked.body)) {
      forge.statuses.push({ sha, body: asked.body });
      return send(response, 201, { id: forge.statuses.length, ...asked.body });
    }
    const [, digits, below = ""] = /^\/issues\/(\d+)(\/.*)?$/.exec(rest) ?? [];
    const issue = issues.get(Number(digits));
    if (issue === undefined || issue.deleted)
      return send(response, 404, { message: "issue does not exist" });
    one(issue, below, asked, response);
  }

  function one(issue: FakeIssue, below: string, asked: ForgeAsked, response: ServerResponse): void {
    const { method, body } = asked;
    const sent = isJsonObject(body) ? body : {};
    if (below === "" && method === "GET") return send(response, 200, raw(issue));
    if (below === "" && method === "PATCH") {
      const change = Object.fromEntries(
        Object.entries(sent).filter(([key]) =>
          ["state", "title", "body", "assignees"].includes(key),
        ),
      );
      return send(response, kind === "github" ? 200 : 201, raw(edit(issue.number, change)));
    }
    if (below === "/comments" && method === "POST") {
      const comment = { id: 100 + issue.comments.length, user: login, body: String(sent["body"]) };
      issue.comments.push(comment);
      return send(response, 201, { ...comment, user: { login } });
    }
    if (below === "/comments")
      return send(
        response,
        200,
        issue.comments.map((comment) => ({ ...comment, user: { login: comment.user } })),
      );
    if (below === "/labels" && method === "POST") {
      const names = (sent["labels"] as Json[]).map((one) =>
        typeof one === "number" ? nameOfLabel(one) : String(one),
      );
      edit(issue.number, { labels: [...new Set([...issue.labels, ...names])] });
      return send(response, 200, raw(issue)["labels"]);
    }
    const [, label] = /^\/labels\/(.+)$/.exec(below) ?? [];
    if (label !== undefined && method === "DELETE") {
      const name = kind === "github" ? decodeURIComponent(label) : nameOfLabel(Number(label));
      if (!issue.labels.includes(name))
        return send(response, 404, { message: "Label does not exist" });
      edit(issue.number, { labels: issue.labels.filter((one) => one !== name) });
      return send(response, kind === "github" ? 200 : 204, kind === "github" ? [] : undefined);
    }
    if (below === "/assignees") {
      const logins = (sent["assignees"] as string[]) ?? [];
      const rest = issue.assignees.filter((one) => !logins.includes(one));
      edit(issue.number, { assignees: method === "DELETE" ? rest : [...rest, ...logins] });
      return send(response, 201, raw(issue));
    }
    if (below === (kind === "github" ? "/dependencies/blocked_by" : "/dependencies")) {
      if (!forge.hasDependencies) return send(response, 404, { message: "Not Found" });
      const blockers = issue.blockedBy
        .map((number) => issues.get(number))
        .filter((one) => one !== undefined);
      return send(response, 200, blockers.map(raw));
    }
    send(response, 404, { message: "Not Found" });
  }

  /** Pages, `Link`, `X-Total-Count` and `ETag` as the forges have them. */
  function list({ query, headers }: ForgeAsked, response: ServerResponse): void {
    const since = Date.parse(query.get("since") ?? "1970-01-01T00:00:00Z");
    const found = [...issues.values()]
      .filter((issue) => !issue.deleted && issue.updatedAtMs >= since)
      .filter((issue) => kind === "github" || !issue.isPull)
      .filter((issue) => query.get("state") !== "open" || issue.state === "open")
      .sort((a, b) => a.updatedAtMs - b.updatedAtMs || a.number - b.number)
      .map((issue): Json => raw(issue));
    const all = [...found, ...forge.extraItems];
    const size = Math.min(
      Number(query.get("limit") ?? query.get("per_page") ?? 30),
      forge.pageSize,
    );
    const page = Number(query.get("page") ?? "1");
    const items = all.slice((page - 1) * size, page * size);
    const etag = `"${hash("sha256", JSON.stringify(items))}"`;
    if (headers["if-none-match"] === etag) return void response.writeHead(304, { etag }).end();
    const next = new URL(`${forge.url}/repos/${project}/issues?${query}`);
    next.searchParams.set("page", String(page + 1));
    const link: Record<string, string> =
      page * size < all.length ? { link: `<${next}>; rel="next"` } : {};
    send(response, 200, items, { etag, "x-total-count": String(all.length), ...link });
  }

  function raw(issue: FakeIssue): JsonObject {
    const { number, title, body, state, isPull } = issue;
    const time = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
    const assignees = issue.assignees.map(userOf);
    const own: JsonObject = {
      ...{
        id: 50_000 + number,
        number,
        title,
        body,
        state,
        assignees,
        assignee: assignees[0] ?? null,
      },
      labels: issue.labels.map((name) => ({ id: idOfLabel(name), name, color: "d73a4a" })),
      user: userOf("jason"),
      created_at: time(issue.createdAtMs),
      updated_at: time(issue.updatedAtMs),
      closed_at: state === "closed" ? time(issue.updatedAtMs) : null,
      html_url: `${forge.url}/${project}/issues/${number}`,
      url: `${forge.url}/repos/${project}/issues/${number}`,
    };
    if (kind === "github") {
      const pull = isPull ? { pull_request: { url: `${forge.url}/pulls/${number}` } } : {};
      return { ...GITHUB_ISSUE, ...own, ...pull, repository_url: `${forge.url}/repos/${project}` };
    }
    const [owner = "", name = ""] = project.split("/");
    return {
      ...{ ...own, original_author: "", original_author_id: 0, ref: "", assets: [] },
      ...{ milestone: null, is_locked: false, comments: issue.comments.length, due_date: null },
      assignees: assignees.length === 0 ? null : assignees,
      pull_request: isPull ? { merged: false } : null,
      repository: { id: repositoryId, name, owner, full_name: project },
      pin_order: 0,
    };
  }

  function edit(number: number, change: Partial<FakeIssue>): FakeIssue {
    const issue = issues.get(number);
    if (issue === undefined) throw new Error(`there is no issue ${number}`);
    return Object.assign(issue, change, { updatedAtMs: change.updatedAtMs ?? nowMs() });
  }

  const forge: FakeForge = {
    ...{ kind, project, repositoryId, token, asked: [], hooks: [], statuses: [], issues },
    url: "",
    pageSize: 50,
    extraItems: [],
    hasDependencies: true,
    nowMs: undefined,
    fault: undefined,
    raw,
    edit,
    open(given = {}) {
      const number = given.number ?? issues.size + 1;
      const at = nowMs();
      const issue: FakeIssue = {
        ...{ number, title: `Issue ${number}`, body: "", state: "open", assignees: [], labels: [] },
        ...{ comments: [], blockedBy: [], isPull: false, deleted: false },
        ...{ createdAtMs: at, updatedAtMs: at },
        ...given,
      };
      issues.set(number, issue);
      return issue;
    },
    webhook(number, action, more = {}) {
      const issue = issues.get(number);
      if (issue === undefined) throw new Error(`there is no issue ${number}`);
      const content = {
        action,
        issue: raw(issue),
        repository: repository(),
        sender: userOf("jason"),
      };
      const own = kind === "github" ? {} : { number, commit_id: "" };
      const body = Buffer.from(JSON.stringify({ ...content, ...own, ...more }));
      const id = randomUUID();
      if (kind === "github")
        return {
          headers: {
            ...{ "content-type": "application/json", "x-github-event": "issues" },
            ...{ "x-github-delivery": id, "x-hub-signature-256": `sha256=${sign(body)}` },
          },
          body,
        };
      const type = /^(un)?assigned$/.test(action)
        ? "issue_assign"
        : /^label/.test(action)
          ? "issue_label"
          : "issues";
      return {
        headers: {
          ...{ "content-type": "application/json", "x-gitea-event": "issues" },
          ...{
            "x-gitea-event-type": type,
            "x-gitea-delivery": id,
            "x-gitea-signature": sign(body),
          },
        },
        body,
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(forge, { url: `http://127.0.0.1:${port}${prefix}` });
}

/** As GitHub really sent one. */
const GITHUB_ISSUE = githubBodies.find(({ name }) => name === "issues")?.examples[0]?.[
  "issue"
] as JsonObject;

const LABEL_IDS = new Map<string, number>([
  ["bug", 1],
  ["ready", 2],
  ["blocked", 3],
]);

function idOfLabel(name: string): number {
  const id = LABEL_IDS.get(name) ?? LABEL_IDS.size + 1;
  LABEL_IDS.set(name, id);
  return id;
}

function nameOfLabel(id: number): string {
  return [...LABEL_IDS].find(([, one]) => one === id)?.[0] ?? "";
}

export function userOf(login: string): JsonObject {
  const id = [...login].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1_000_003;
  return { id, login, full_name: login, avatar_url: "" };
}
