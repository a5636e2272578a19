import type { IssueReference } from "./references.ts";

export const DIFFICULTIES = ["easy", "medium", "hard"] as const;
export type Difficulty = (typeof DIFFICULTIES)[number];

/** The agents that an issue may recommend where nothing else is configured. */
export const USUAL_AGENTS: readonly string[] = ["haiku", "sonnet", "opus"];

/** What the body of an issue says for whoever works on it. */
export interface IssueMetadata {
  /** Tokens. */
  readonly estimated_context: number;
  readonly difficulty: Difficulty;
  readonly assigned_agent: string;
  readonly blocks: readonly IssueReference[];
  readonly blocked_by: readonly IssueReference[];
}

export type MetadataField = keyof IssueMetadata;

/** grammar: the body says it. native: the tracker's own dependencies do. default: nobody does, or not so that it can be read. */
export type Provenance = "grammar" | "native" | "default";

export interface MetadataWarning {
  readonly field: MetadataField;
  readonly message: string;
}

export interface ReadMetadata {
  readonly metadata: IssueMetadata;
  readonly from: { readonly [F in MetadataField]: Provenance };
  readonly warnings: readonly MetadataWarning[];
}

export const DEFAULT_METADATA: IssueMetadata = {
  estimated_context: 50_000,
  difficulty: "medium",
  assigned_agent: "sonnet",
  blocks: [],
  blocked_by: [],
};
