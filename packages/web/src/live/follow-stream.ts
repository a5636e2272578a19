import { isAppError } from "@yardmaster/protocol/core";
import type { Client, StreamMessage } from "@yardmaster/sdk";
import type { Connection } from "./connection.ts";

export interface StreamListener {
  /** Every change, and `ready` and `gap`. */
  onMessage(message: Pick<StreamMessage, "type" | "data">): void;
  onConnection(connection: Connection): void;
  /** Where a later call goes on. */
  onCursor(cursor: string): void;
}

export interface FollowDeps {
  readonly stream: Client["stream"];
  /** Waits before the next try of a first connection that failed. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

type StreamRequest = NonNullable<Parameters<Client["stream"]>[0]>;

/** It would be refused the same the next time: a token without the scope, a run's address that is no id. */
const REFUSALS: readonly string[] = ["forbidden", "invalid_request"];

/**
 * Listens from `after` on until the signal aborts, or the server refuses to be listened to. The SDK mends broken
 * streams; here a first connection is tried again too, and a cursor that the server does not know is dropped (a `ready`
 * comes, on which all is read anew). That the token is not valid any more is told by the client itself.
 */
export async function followStream(
  { stream, pause }: FollowDeps,
  request: StreamRequest,
  listener: StreamListener,
  { after, signal }: { readonly after: string | undefined; readonly signal: AbortSignal },
): Promise<void> {
  let cursor = after;
  const take = (message: StreamMessage): void => {
    cursor = message.id || cursor;
    if (message.id !== "") listener.onCursor(message.id);
    if (message.type === "ready") listener.onConnection("live");
    if (message.type !== "cut") listener.onMessage(message);
  };
  const onBreak = (): void => listener.onConnection("offline");
  while (!signal.aborted) {
    try {
      for await (const message of stream(request, { after: cursor, signal, onBreak }))
        take(message);
    } catch (error) {
      if (signal.aborted) return;
      if (isAppError(error) && REFUSALS.includes(error.code)) return listener.onConnection("ended");
      onBreak();
      if (isAppError(error) && error.code === "invalid_cursor") cursor = undefined;
      await pause(signal);
    }
  }
}
