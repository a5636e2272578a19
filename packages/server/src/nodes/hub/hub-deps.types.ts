import type { AuditRecorder } from "../../audit/index.ts";
import type { Log } from "../../db/index.ts";
import type { AbsentNode, LinkRegistry } from "../registry/registry.types.ts";
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
