import type { AuditRecord, JsonObject } from "@yardmaster/protocol";
import type { Audit } from "./audit.ts";
import type { AuditAction } from "./audit.types.ts";

export interface LostCallsDeps {
  readonly audit: Pick<Audit, "list" | "record">;
  readonly processes: {
    /** How many live besides this one; costs nothing. */
    others(): number;
    /** Those of the installation that live. */
    living(): Promise<readonly { readonly id: string }[]>;
    /** Of these, those that are gone for good. */
    endedAmong(ids: readonly string[]): Promise<readonly string[]>;
  };
  /** One process of the installation after the other: what one has ended the next finds ended. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

const EVERY_MS = 5_000;
const PAGE = 200;
const REASON = "The server process that had begun it is gone; the node's own audit has its end.";

/**
 * Ends in the audit, as `lost`, what a process had begun that was killed: nobody else would. Looks at the start, for
 * processes that went while none was there, and whenever one goes.
 */
export function endLostCalls(deps: LostCallsDeps, { everyMs = EVERY_MS } = {}) {
  const { audit, processes } = deps;
  let known: readonly string[] = [];
  let isDue = true;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    await lookOnce().catch(deps.onError);
    if (!isClosed) timer = setTimeout(() => void look(), everyMs).unref();
  }

  async function lookOnce(): Promise<void> {
    // Who is alone, and was, has nobody to look after: an idle installation asks nothing.
    if (!isDue && processes.others() === 0 && known.length <= 1) return;
    const living = (await processes.living()).map(({ id }) => id);
    isDue ||= known.some((id) => !living.includes(id));
    known = living;
    if (!isDue) return;
    await deps.inTurn(endLost);
    isDue = false;
  }

  async function endLost(): Promise<void> {
    let cursor: string | undefined;
    do {
      const { rows, next } = await audit.list({ open: true, cursor, limit: PAGE });
      const gone = new Set(await processes.endedAmong([...new Set(rows.flatMap(processOf))]));
      const lost = rows.filter((row) => processOf(row).some((id) => gone.has(id)));
      await Promise.all(lost.map((row) => audit.record(endOf(row))));
      cursor = next;
    } while (cursor !== undefined && !isClosed);
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

/** Who had begun it. */
function processOf({ details }: AuditRecord): string[] {
  const { process } = details;
  return typeof process === "string" ? [process] : [];
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
