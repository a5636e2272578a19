import type { Issue } from "../forge/index.ts";
import { sha256Hex } from "./digest.ts";

/** What can have happened to an issue between two looks at it. */
export type Change =
  | { readonly kind: "opened" | "closed" | "reopened" }
  | { readonly kind: "assigned" | "unassigned"; readonly who: string }
  | { readonly kind: "labeled" | "unlabeled"; readonly label: string }
  | { readonly kind: "edited"; readonly titleFrom: string | null; readonly isBody: boolean };

/** As much of an issue as changes are told by. */
export interface KnownIssue {
  readonly state: "open" | "closed";
  readonly title: string;
  readonly bodySha256: string;
  readonly assignees: readonly string[];
  readonly labels: readonly string[];
  readonly updatedAtMs: number;
}

export function knownOf({ body, ...issue }: Issue): KnownIssue {
  const { state, title, assignees, labels, updatedAtMs } = issue;
  return { state, title, bodySha256: sha256Hex(body), assignees, labels, updatedAtMs };
}

/**
 * What has happened to an issue since it was last accounted for, in an order in which it can have happened. One that
 * is not known has been opened since, or, where it was there at the baseline, was closed then: open ones are all known.
 */
export function changesOf(
  issue: Issue,
  before: KnownIssue | undefined,
  baselineMs: number,
): Change[] {
  if (before !== undefined) return differences(before, issue);
  if (issue.createdAtMs >= baselineMs)
    return issue.state === "open" ? births(issue) : closing(issue);
  return issue.state === "open" ? [{ kind: "reopened" }] : [];
}

/** Of one that was opened and closed unheard, that it is open would start what nobody wants any more. */
function closing({ state }: Pick<Issue, "state">): Change[] {
  return state === "closed" ? [{ kind: "closed" }] : [];
}

function births(issue: Issue): Change[] {
  return [
    { kind: "opened" },
    ...issue.labels.map((label): Change => ({ kind: "labeled", label })),
    ...issue.assignees.map((who): Change => ({ kind: "assigned", who })),
  ];
}

function differences(before: KnownIssue, issue: Issue): Change[] {
  const now = knownOf(issue);
  const isTitle = before.title !== now.title;
  const isBody = before.bodySha256 !== now.bodySha256;
  const edited: Change = { kind: "edited", titleFrom: isTitle ? before.title : null, isBody };
  return [
    ...(before.state === "closed" && now.state === "open" ? [{ kind: "reopened" } as const] : []),
    ...(isTitle || isBody ? [edited] : []),
    ...gone(before.labels, now.labels).map((label): Change => ({ kind: "unlabeled", label })),
    ...gone(now.labels, before.labels).map((label): Change => ({ kind: "labeled", label })),
    ...gone(before.assignees, now.assignees).map((who): Change => ({ kind: "unassigned", who })),
    ...gone(now.assignees, before.assignees).map((who): Change => ({ kind: "assigned", who })),
    ...(before.state === "open" ? closing(now) : []),
  ];
}

function gone(from: readonly string[], present: readonly string[]): string[] {
  return from.filter((one) => !present.includes(one));
}

/** A change as it is kept: `assigned:mosaic`. */
export function changeText(change: Change): string {
  switch (change.kind) {
    case "assigned":
    case "unassigned":
      return `${change.kind}:${change.who}`;
    case "labeled":
    case "unlabeled":
      return `${change.kind}:${change.label}`;
    default:
      return change.kind;
  }
}
