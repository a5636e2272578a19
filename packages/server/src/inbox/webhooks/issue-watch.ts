import type { Json } from "@yardmaster/protocol";

/** A webhook that may tell of an issue. */
export interface WatchedWebhook {
  readonly source: string;
  /** In the forge's own words: `issue_assign`. */
  readonly event: string;
  readonly data: Json;
}

export interface WatchedAs {
  /** It tells what was found by asking before, and came in under these ids of its sender. */
  readonly foundAs: readonly string[];
  /** The bot itself has done it. */
  readonly isByBot: boolean;
}

/** What trackers know of what webhooks tell. */
export interface IssueWatch {
  /** Which sources are watched, as of after the call began. */
  refresh(): Promise<void>;
  /** Undefined where nobody watches this source, which costs nothing. */
  look(webhook: WatchedWebhook): Promise<WatchedAs> | undefined;
}

/** CloudEvents extension of what the bot of a tracker has done itself, so that rules can tell. */
export const BY_BOT = { actor: "bot" } as const;
