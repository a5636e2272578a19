/** Is told what came in, when its fate is settled; for the metrics. */
export interface InboxObserver {
  /** `outcome`: `accepted`, `duplicate`, or the error code of the refusal. */
  webhook(kind: string | undefined, outcome: string): void;
  event(channel: string, decisions: readonly { readonly status: string }[]): void;
}
