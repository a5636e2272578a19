import type { Json } from "@yardmaster/protocol";

/** What is done with the issues of a tracker that are assigned to its bot. */
export interface OrderRow {
  readonly tracker_id: string;
  readonly tracker: string;
  readonly run: string;
  /** Null: `{ item }`. */
  readonly input: Json;
  readonly concurrency: number;
  readonly max_attempts: number;
  readonly agents: readonly string[];
  readonly paused_by: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
}
