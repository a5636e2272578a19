import type { JsonObject, TrackerKind } from "@yardmaster/protocol";
import type { ListIssues } from "./forge.ts";

/** Where forges of one family differ. */
export interface Dialect {
  readonly kind: TrackerKind;
  /** Below an issue. */
  readonly dependencies: string;
  /** Of the list of issues, beside the project. */
  listQuery(list: Pick<ListIssues, "sinceMs" | "state">): Readonly<Record<string, string>>;
  hasSecret(config: JsonObject): boolean | undefined;
  /** Labels are named by their ids, and assignees all at once. */
  readonly isById: boolean;
}
