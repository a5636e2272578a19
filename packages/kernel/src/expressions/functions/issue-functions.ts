import { readIssueMetadata } from "../../metadata/index.ts";
import { type Frame, step } from "../frame.ts";
import { DYN } from "../values/cel-type.ts";
import { define, type Functions } from "./signature.ts";

/** Reading goes over the text a few times. */
const CHARS_PER_STEP = 2;

export const ISSUE_FUNCTIONS: Functions = {
  issue_metadata: define<readonly [string | null]>({
    style: "call",
    takes: [["string", "null"]],
    does: "what the body of an issue says by the conventions of work items: `estimated_context`, `difficulty`, `assigned_agent`, `blocks` and `blocked_by`, each with its default where the body does not say it",
    example: "issue_metadata('Blocked by: #160 (first)').blocked_by == [160]",
    gives: DYN,
    apply: ([body], frame: Frame) =>
      step(frame, Math.ceil((body?.length ?? 0) / CHARS_PER_STEP)) ??
      readIssueMetadata(body).metadata,
  }),
};
