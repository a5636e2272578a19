import type { Json } from "@yardmaster/protocol";
import { type Answer, type Forge, failed, type Issue } from "../forge/index.ts";
import { readIssue } from "../forge/issue.ts";

/** Pages of a hundred, or of fifty: more in one go are no list of changes any more. */
const MAX_PAGES = 200;

export interface Listed {
  /** By number, each as it was last seen: pages shift while they are read. */
  readonly issues: ReadonlyMap<number, Issue>;
  /** Entries that are no issue. */
  readonly malformed: number;
  /** Of the first page, where that was all. */
  readonly etag: string | undefined;
  readonly isUnchanged: boolean;
}

export interface Listing {
  readonly project: string;
  readonly state: "open" | "all";
  readonly sinceMs?: number | undefined;
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Before each page; false: somebody else does this now. */
  readonly mayGoOn: () => Promise<boolean>;
}

/** Reads a list to its end, or says why not: a part of it is no list. Pull requests are left out. */
export async function listIssues(forge: Forge, listing: Listing): Promise<Answer<Listed>> {
  const { project, mayGoOn, ...list } = listing;
  const issues = new Map<number, Issue>();
  let malformed = 0;
  let next: string | undefined;
  const asked = new Set<string>();
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    if (!(await mayGoOn())) return failed("unreachable", "the poll was taken over by another one");
    const page = await forge.issues(project, {
      ...list,
      next,
      etag: pages === 0 ? list.etag : undefined,
    });
    if (!page.ok) return page;
    if (page.value.isUnchanged)
      return { ok: true, value: { issues, malformed, etag: list.etag, isUnchanged: true } };
    malformed += take(page.value.items, issues);
    next = page.value.next;
    if (next === undefined) {
      const etag = pages === 0 ? page.value.etag : undefined;
      return { ok: true, value: { issues, malformed, etag, isUnchanged: false } };
    }
    if (asked.has(next))
      return failed(
        "malformed",
        `the list of issues of ${project} leads back to a page that was read`,
      );
    asked.add(next);
  }
  return failed("malformed", `the list of issues of ${project} has more than ${MAX_PAGES} pages`);
}

function take(items: readonly Json[], issues: Map<number, Issue>): number {
  let malformed = 0;
  for (const item of items) {
    const issue = readIssue(item);
    if (issue === undefined) malformed++;
    else if (!issue.isPull) issues.set(issue.number, issue);
  }
  return malformed;
}
