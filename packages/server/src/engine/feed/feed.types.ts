import type { ChangeType, Json } from "@yardmaster/protocol";

/** One change of the feed: what moved, and to where. Small; readers fetch the resource for more. */
export interface Change {
  readonly type: ChangeType;
  readonly id: string;
  readonly [field: string]: Json | undefined;
}

/** The change feed. A cursor is `epoch.xid.seq.item`; an expired or foreign one is answered by a `gap`. */
export interface Feed {
  /** Cursor after everything that is visible now. */
  head(): Promise<string>;
  /** Items after the cursor in commit order, at most `limit`; `gap` when the cursor is not of this feed any more. */
  read(
    cursor: string,
    limit: number,
  ): Promise<{ readonly gap: boolean; readonly items: readonly FeedItem[] }>;
  /** Calls back when there may be something new; returns the way out. */
  watch(onChange: () => void): () => void;
}

export interface FeedItem {
  readonly cursor: string;
  readonly at: string;
  readonly change: Change;
}
