export type { AuditAction, AuditEntry, AuditPhase, AuditRecorder } from "./audit.types.ts";
