import {
  type IssueReference,
  type NativeDependencies,
  readIssueMetadata,
  withNative,
} from "@yardmaster/kernel";
import type { KeptMetadata } from "../work-row.ts";
import { MAX_BODY } from "./heard-issue.ts";

export interface IssueText {
  readonly project: string;
  readonly number: number;
  readonly url: string | null;
  readonly body: string;
}

/** What an issue says for whoever works on it: its body, and the tracker's own dependencies where they were asked for. */
export function keptMetadata(
  { project, number, url, body }: IssueText,
  agents: readonly string[],
  blockedBy: readonly IssueReference[] = [],
): KeptMetadata {
  const host = url !== null && URL.canParse(url) ? new URL(url).host : undefined;
  const native: NativeDependencies = { blocks: [], blocked_by: blockedBy };
  const read = withNative(readIssueMetadata(body, { number, project, host, agents }), native);
  const warnings = read.warnings.map(({ field, message }) => `${field}: ${message}`);
  if (body.length === MAX_BODY)
    warnings.push(`the body is cut after ${MAX_BODY} characters, the most that a run is given`);
  return { ...read.metadata, from: read.from, warnings };
}
