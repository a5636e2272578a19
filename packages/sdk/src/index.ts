export type { PacksClient, SourcesClient, TokensClient } from "./administration.ts";
export type { ActionsClient, QueuesClient, WorkflowsClient } from "./catalog.ts";
export { type Client, createClient } from "./client.ts";
export type { DecisionsClient, EventsClient, SendOptions } from "./events.ts";
export type { Listing, Page, Paging } from "./pages.ts";
export type { RulesClient } from "./rules.ts";
export { type LogOptions, MAX_HELD_MS, type RunsClient, type StartOptions } from "./runs.ts";
export type { StreamMessage, StreamOptions } from "./stream.ts";
export type { CallOptions, ClientOptions } from "./transport.ts";
