import type { AuditRecord, AuditVerification, ListAudit } from "@yardmaster/protocol";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

export interface AuditClient {
  /** Newest first. */
  list(filter?: Listing<ListAudit>): AsyncGenerator<AuditRecord, void, undefined>;
  /** Walks the chain part by part, each of so many entries; the first that is broken is the last. */
  verify(
    options?: CallOptions & { readonly step?: number },
  ): AsyncGenerator<AuditVerification, void, undefined>;
}

/** A part takes a second or two: far from any limit on how long an answer may take. */
const STEP = 100_000;

export function createAuditClient(transport: Transport): AuditClient {
  return {
    list: (filter = {}) => listPages(transport, "/v1/audit", filter),
    async *verify({ signal, step = STEP } = {}) {
      let after: number | undefined;
      do {
        const query = { after, limit: step };
        const path = "/v1/audit/verify";
        const part = await transport.json<AuditVerification>({ path, query, signal });
        yield part;
        after = part.ok ? (part.next ?? undefined) : undefined;
      } while (after !== undefined);
    },
  };
}
