import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Scope } from "@yardmaster/protocol";
import type { z } from "zod";

/**
 * One route as plain data. Features export arrays of these; `http/` mounts them, checks what comes in and
 * makes OpenAPI from them. Import the types only:
 *
 *   const getRun: Route<{ params: typeof runParams }> = {
 *     method: "GET", path: "/v1/runs/{id}", summary: "…", scope: "runs:read", params: runParams,
 *     responses: { 200: { description: "The run", schema: runSchema } },
 *     async handler({ params }) { return { body: await …(params.id) }; },
 *   };
 *
 * Handlers throw AppError; `http/` answers with problem details.
 */
export interface Route<S extends RouteSchemas = RouteSchemas> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As OpenAPI writes it: `/v1/runs/{id}`. */
  readonly path: string;
  /** One sentence, for OpenAPI and `/docs/api`. */
  readonly summary: string;
  /** More, in plain text; paragraphs are separated by an empty line. */
  readonly description?: string;
  /** What a token must allow. `any`: whatever it allows, which is looked at by what it asks for. `open` needs no token. */
  readonly scope: Scope | "any" | "open";
  /** Requests from this machine itself need no token. */
  readonly isOpenToLoopback?: boolean;
  readonly params?: S["params"];
  /** What is not in it is refused; without one, every query is, but on open routes. */
  readonly query?: S["query"];
  /**
   * For lists that are whole in memory: the handler gives all of it as `body`, and `http/` takes `limit` and `cursor`
   * and sends one page, in the order of these keys. A key belongs to one item and is at most 500 characters long.
   */
  pagedBy?(item: unknown): string;
  /** Of a JSON body. Routes without one take no body. */
  readonly body?: S["body"];
  /** Its body may hold a secret in whatever place: no refusal repeats anything of it, not even the name of a field. */
  readonly isBodySecret?: boolean;
  /** Any content type, not parsed and not checked: `request.rawBody` has the bytes. */
  readonly rawBody?: boolean;
  /** Default: that of the server. */
  readonly bodyLimit?: BodyLimit;
  /** Served as a WebSocket alone: the handler answers with `socket`. */
  readonly isSocket?: boolean;
  /** Left out of OpenAPI and `/docs/api` when false: pages are no part of the API. */
  readonly isDocumented?: boolean;
  /** What a POST makes of an `Idempotency-Key`; default `kept`. Open routes take none. */
  readonly idempotency?: Idempotency;
  /** Headers that it looks at, by name, beside those that every route does: what they do, for OpenAPI. */
  readonly requestHeaders?: { readonly [name: string]: string };
  /** Of a raw body: headers (by their names in small letters) that are part of what is asked, beside the body. */
  isAskedIn?(header: string): boolean;
  readonly responses: { readonly [status: number]: RouteResponse };
  // A method, so that routes of different schemas fit in one array.
  handler(request: RouteRequest<S>): RouteReply | Promise<RouteReply>;
}

/**
 * own: the handler sees to it, by `idempotencyKey`.
 * kept: the same request again gets the first answer; where what became of the first is not known, `conflict`.
 * repeatable: as kept, but where that is not known it is carried out again, with the same `claimId`: it does no harm.
 * by_claim: carried out each time with the same `claimId`, by which the handler knows what it did before.
 * shown_once: no answer is kept, since it holds a secret; the same request again gets `conflict`.
 * harmless: it changes nothing, and takes no key.
 */
export type Idempotency = "own" | "kept" | "repeatable" | "by_claim" | "shown_once" | "harmless";

/** The largest body of a request. */
export interface BodyLimit {
  readonly bytes: number;
  /** The setting that it comes from, for those who hit it. */
  readonly setting?: string;
}

export interface RouteSchemas {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
}

export interface RouteResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Headers of its own, by name: what they tell. */
  readonly headers?: { readonly [name: string]: string };
  /** A refusal without a body; others are problem details. */
  readonly isEmpty?: boolean;
}

type Output<T> = T extends z.ZodType ? z.output<T> : undefined;

export interface RouteRequest<S extends RouteSchemas = RouteSchemas> {
  readonly params: Output<S["params"]>;
  readonly query: Output<S["query"]>;
  readonly body: Output<S["body"]>;
  /** The bytes as they came; empty unless the route says `rawBody`. */
  readonly rawBody: Buffer;
  readonly headers: IncomingHttpHeaders;
  /** Path and query as they were asked for. */
  readonly url: string;
  /** As Node gave it, for those who must know where it comes from. */
  readonly raw: IncomingMessage;
  readonly principal: Principal;
  readonly requestId: string;
  /** The header `Idempotency-Key`, checked; undefined without one, and on routes that take none. */
  readonly idempotencyKey: string | undefined;
  /** UUIDv7, the same each time that a request is carried out under its key; undefined without one. */
  readonly claimId: string | undefined;
  /** A valid W3C `traceparent`, else undefined. */
  readonly traceparent: string | undefined;
  /** Aborts when the client goes away or the server stops. Made when first read. */
  readonly signal: AbortSignal;
}

/** Who asks. On open routes nobody: an empty name and no scopes. */
export interface Principal {
  readonly tokenId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** What a handler answers. Without `body`, `text`, `bytes`, `stream` and `socket` the answer is empty. */
export interface RouteReply {
  /** Default 200, or 204 when there is nothing to send. */
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is; say its content type in `headers` unless it is JSON. */
  readonly text?: string;
  /** Sent as they are; say their content type in `headers`. */
  readonly bytes?: Buffer;
  readonly stream?: ReplyStream;
  /** Of routes with `isSocket`. */
  readonly socket?: ReplySocket;
  /** W3C: of the event or the run that was made; for the log, where it stands before that of the request. */
  readonly traceparent?: string | undefined;
}

/** An answer that comes in pieces, as live ones and large ones do. Chunks are asked for only as fast as the client reads. */
export interface ReplyStream {
  readonly contentType: string;
  /**
   * `signal` aborts when the client goes away, when the server stops, or when the token is not valid any more (its
   * reason is then the AppError that says so); what is given after that may still be sent, for a few seconds.
   */
  chunks(signal: AbortSignal): AsyncIterable<string | Uint8Array>;
  /** How long a client may leave what was sent unread; null: for as long as the stream lasts. Default: of the server. */
  readonly stallMs?: number | null;
  /** Last chunk for a client that has read nothing for too long, before it is cut. */
  lastWords?(): string;
}

/** An answer over a WebSocket. Messages are asked for only as fast as the client reads. */
export interface ReplySocket {
  /** Texts, one message each. `signal` as that of a stream. */
  messages(signal: AbortSignal): AsyncIterable<string>;
  /** Last message for a client that has read nothing for too long, before it is closed. */
  lastWords?(): string;
}
