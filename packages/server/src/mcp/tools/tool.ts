import type { JsonObject, Scope } from "@yardmaster/protocol";
import type { ApiCall } from "../api-call.ts";

export type JsonSchema = { [key: string]: unknown };

/** What a client is told of a tool so that it, or its model, can choose (MCP, `ToolAnnotations`). */
export interface ToolHints {
  /** It changes nothing. */
  readonly readOnlyHint: boolean;
  /** It may undo or start what cannot be taken back. */
  readonly destructiveHint: boolean;
  /** Called again with the same arguments it changes nothing more. */
  readonly idempotentHint: boolean;
  /** What it starts may reach beyond this installation. */
  readonly openWorldHint: boolean;
}

/** One tool: what the API does, put so that a model can choose it and read its answer. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly annotations: ToolHints;
  /** It is shown to tokens that have one of these. */
  readonly scopes: readonly Scope[];
  /** @throws AppError as the API does */
  call(args: JsonObject, call: ToolCall): Promise<ToolAnswer>;
}

/** One call of a tool, with what it may use. */
export interface ToolCall {
  /** The API, as the caller may use it. */
  readonly api: ApiCall;
  /** The `Idempotency-Key` of the call itself, for what takes one and is given none as an argument. */
  readonly key: string | undefined;
  /** Aborts when nobody waits for the answer any more, or when the server stops. */
  readonly signal: AbortSignal;
  /** Tells whoever waits how far it is; undefined where nobody asked to be told. */
  readonly progress: ((told: Progress) => Promise<void>) | undefined;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

export interface ToolAnswer {
  /** As `outputSchema` says. */
  readonly value: object;
  /** What to do next, for who reads the text. */
  readonly next?: string | undefined;
  /** Where the whole of it is, should it be too large to be told here. */
  readonly whole?: string | undefined;
}
