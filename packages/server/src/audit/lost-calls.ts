import type { AuditRecord, JsonObject } from "@yardmaster/protocol";
import type { Audit } from "./audit.ts";
import type { AuditAction } from "./audit.types.ts";

export interface LostCallsDeps {
  readonly audit: Pick<Audit, "list" | "record">;
  /** No other process of the installation lives: what is open of before is nobody's. */
  readonly isAlone: () => Promise<boolean>;
  /** Of this process: it has begun nothing before. */
  readonly startedAt: Date;
  readonly onError: (error: unknown) => void;
}

export interface LostCallsOptions {
  readonly everyMs: number;
  /** A process that was killed is known to be gone when its session is over, within seconds. */
  readonly looks: number;
}

const LOST_CALLS: LostCallsOptions = { everyMs: 2_000, looks: 15 };
const PAGE = 200;
const REASON = "The server process that had begun it is gone; the node's own audit has its end.";

/**
 * Ends in the audit, as `lost`, what a process had begun that was killed: nobody else would. Where other processes
 * live it is left open, for it may be theirs.
 */
export function endLostCalls(deps: LostCallsDeps, options: LostCallsOptions = LOST_CALLS) {
  let looks = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    looks++;
    const isDone = await endIfAlone().catch((error: unknown) => {
      deps.onError(error);
      return false;
    });
    if (isDone || isClosed || looks >= options.looks) return;
    timer = setTimeout(() => void look(), options.everyMs).unref();
  }

  async function endIfAlone(): Promise<boolean> {
    if (!(await deps.isAlone())) return false;
    const until = deps.startedAt.toISOString();
    let cursor: string | undefined;
    do {
      const { rows, next } = await deps.audit.list({ open: true, until, cursor, limit: PAGE });
      await Promise.all(rows.map((row) => deps.audit.record(endOf(row))));
      cursor = next;
    } while (cursor !== undefined && !isClosed);
    return true;
  }

  const looking = look();
  return {
    /** Resolves after the first look. */
    looked: looking,
    close(): void {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function endOf({ actor, action, node, node_id, request_id, session_id, details }: AuditRecord) {
  return {
    actor,
    action: action as AuditAction,
    subject: node,
    nodeId: node_id ?? undefined,
    requestId: request_id ?? undefined,
    sessionId: session_id ?? undefined,
    phase: "end" as const,
    status: "lost",
    details: { ...jobOf(details), reason: REASON },
  };
}

/** Which attempt it was, as the end of any job says it. */
function jobOf({ run, step, attempt }: JsonObject): JsonObject {
  return run === undefined ? {} : { run, step: step ?? null, attempt: attempt ?? null };
}
