import {
  auditEntrySchema,
  auditVerificationSchema,
  listAuditSchema,
  verifyAuditSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import { pageReply } from "../paging/index.ts";
import type { Audit } from "./audit.ts";

/** `/v1/audit`. */
export function auditRoutes(audit: Pick<Audit, "list" | "verify">): Route[] {
  const list: Route<{ query: typeof listAuditSchema }> = {
    method: "GET",
    path: "/v1/audit",
    summary: "Lists who did what on which node and to which secret, newest first.",
    description:
      "A call has two entries under one request id: its begin was kept before anything was sent to the node, its end has the outcome. With open=true those begins are listed that have no end: what runs now, or was cut off.",
    scope: "audit:read",
    query: listAuditSchema,
    responses: { 200: { description: "A page of entries", schema: z.array(auditEntrySchema) } },
    handler: async ({ query, url }) => pageReply(await audit.list(query), url),
  };

  const verify: Route<{ query: typeof verifyAuditSchema }> = {
    method: "GET",
    path: "/v1/audit/verify",
    summary: "Walks the chain of the audit, and names the first entry that is not as it was kept.",
    description:
      "Finds entries that were changed, taken out, put in or moved, and a chain that ends too early. A whole new chain, or a beginning that was taken out before YARD_KEEP_AUDIT lets it go, is found by the last and the first line of audit/nodes.jsonl in the data folder; who may write there too is found by whoever notes the hash of `last` elsewhere.",
    scope: "audit:read",
    query: verifyAuditSchema,
    responses: { 200: { description: "What was found", schema: auditVerificationSchema } },
    handler: async ({ query, signal }) => ({ body: await audit.verify({ ...query, signal }) }),
  };

  return [list, verify];
}
