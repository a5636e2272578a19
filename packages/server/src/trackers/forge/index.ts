import type { TrackerKind } from "@yardmaster/protocol";
import type { Requester } from "../../runners/index.ts";
import { createForgeClient, type ForgeClientOptions } from "./client.ts";
import { DIALECTS } from "./dialects.ts";
import type { Forge } from "./forge.ts";
import { createForge } from "./forge-base.ts";

export type { Answer, Problem, ProblemKind } from "./answer.ts";
export { failed } from "./answer.ts";
export type { Blocker, Comment, CommitStatus, Forge, Hook, Repository } from "./forge.ts";
export type { Issue } from "./issue.ts";

export const GITHUB_API = "https://api.github.com";
const GITHUB_API_VERSION = "2022-11-28";

export interface OpenForge extends Pick<ForgeClientOptions, "token" | "leaves" | "now"> {
  readonly kind: TrackerKind;
  readonly url: string;
}

/** The API of a forge, with the token of somebody. */
export function openForge(request: Requester, options: OpenForge): Forge {
  const { kind, url, token, ...rest } = options;
  const headers: Readonly<Record<string, string>> =
    kind === "github"
      ? {
          authorization: `Bearer ${token}`,
          accept: "application/vnd.github+json",
          "x-github-api-version": GITHUB_API_VERSION,
        }
      : { authorization: `token ${token}` };
  const client = createForgeClient(request, { ...rest, base: url, headers, token });
  return createForge(client, DIALECTS[kind]);
}

/** As it is kept: without a slash at its end, and of Gitea with the path that its API is always at. */
export function apiBase(kind: TrackerKind, url: string | undefined): string | undefined {
  if (url === undefined) return kind === "github" ? GITHUB_API : undefined;
  const base = url.replace(/\/+$/, "");
  return kind === "github" || /\/api\/v1$/.test(base) ? base : `${base}/api/v1`;
}
