export { auditRoutes } from "./audit.routes.ts";
export { lockLostCalls } from "./audit.store.ts";
export { type Audit, createAudit } from "./audit.ts";
export type { AuditAction, AuditEntry, AuditRecorder } from "./audit.types.ts";
export { deleteOldEntries as deleteOldAuditEntries } from "./chain.store.ts";
export { endLostCalls } from "./lost-calls.ts";
export { createRunEntries } from "./run-entries.ts";
