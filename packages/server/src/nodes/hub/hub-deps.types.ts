import type { AppError } from "@yardmaster/protocol";
import type { AuditRecorder } from "../../audit/index.ts";
import type { Log } from "../../db/index.ts";
import type { LinkRegistry } from "../registry/registry.types.ts";
import type { NodeRef } from "./hub.types.ts";
import type { HubJobs } from "./jobs.types.ts";

export interface HubDeps {
  readonly registry: LinkRegistry;
  readonly audit: AuditRecorder;
  /** Asked when a call is for a node that has no link here. */
  readonly absent: (ref: NodeRef) => Promise<AbsentNode>;
  readonly jobs?: HubJobs | undefined;
  readonly metrics?: HubMetrics | undefined;
  readonly log: Log;
  /** Ids of calls and of sessions on the wire: UUIDs. */
  readonly newId: () => string;
  readonly random: (bytes: number) => Buffer;
  /** 32 bytes: with a key that outlives the process, leases on nodes outlive it too. Default: a fresh one. */
  readonly resumeKey?: Buffer | undefined;
  /** Wall clock, in milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMs: () => number;
}

export interface AbsentNode {
  /** Null: there is no such node; then nothing is audited. */
  readonly node: { readonly nodeId: string; readonly name: string } | null;
  /** `node_offline`, `node_revoked` or `not_found`: with its name, its status, since when, and what to do. */
  readonly error: AppError;
}

/** Counters; every label has few values. */
export interface HubMetrics {
  /** `admitted`, the reason of a refusal, or `too_many`. */
  handshake(outcome: string): void;
  /** A link ended, with the close code that was sent or seen. */
  closed(code: number): void;
  /** `kind`: exec, read, write, reset. `outcome`: a status, or the code of an error. */
  call(kind: string, outcome: string, tookMs: number): void;
  /** A chunk or result of a call that was over. */
  late(): void;
  /** `unknown`, or the reason of a flaw. */
  badFrame(why: string): void;
}
