import type { ServerStatus, StreamQuery } from "@yardmaster/protocol";
import {
  createPacksClient,
  createSourcesClient,
  createTokensClient,
  type PacksClient,
  readStatus,
  type SourcesClient,
  type TokensClient,
} from "./administration.ts";
import {
  createDecisionsClient,
  createEventsClient,
  type DecisionsClient,
  type EventsClient,
} from "./events.ts";
import { createRunsClient, type RunsClient } from "./runs.ts";
import { openStream, type StreamMessage, type StreamOptions } from "./stream.ts";
import { type CallOptions, type ClientOptions, createTransport } from "./transport.ts";

/**
 * The API of one Yardmaster server. All calls throw AppError: with the server's own code and field errors where it
 * answered, with `unavailable` where it could not be reached. An aborted `signal` is thrown as its reason.
 */
export interface Client {
  readonly runs: RunsClient;
  readonly events: EventsClient;
  readonly decisions: DecisionsClient;
  readonly sources: SourcesClient;
  readonly tokens: TokensClient;
  readonly packs: PacksClient;
  status(options?: CallOptions): Promise<ServerStatus>;
  /** What changes, as it changes, over broken connections; see StreamMessage for `ready`, `gap` and `cut`. */
  stream(
    query?: Omit<StreamQuery, "after">,
    options?: StreamOptions,
  ): AsyncGenerator<StreamMessage, void, undefined>;
}

export function createClient(options: ClientOptions): Client {
  const transport = createTransport(options);
  return {
    runs: createRunsClient(transport),
    events: createEventsClient(transport),
    decisions: createDecisionsClient(transport),
    sources: createSourcesClient(transport),
    tokens: createTokensClient(transport),
    packs: createPacksClient(transport),
    status: (call) => readStatus(transport, call),
    stream: (query = {}, stream = {}) =>
      openStream(transport, { path: "/v1/stream", query }, stream),
  };
}
