import type { AuditRecorder } from "../../audit/index.ts";
import type { RemoteEnd } from "../../runners/index.ts";

/** Who is asked to do what, for the audit. */
export interface JobFacts {
  readonly nodeId: string;
  readonly node: string;
  readonly sessionId: string | undefined;
  /** The lease's id: the node's own audit has it too. */
  readonly leaseId: string;
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
  readonly command: string;
}

export function actorOf({ runId }: JobFacts): string {
  return `run:${runId}`;
}

/** The two rows of a job: `begin` is durable before the node hears of it. */
export function jobAudit(audit: AuditRecorder, facts: JobFacts) {
  const common = {
    actor: actorOf(facts),
    action: "node.job",
    subject: facts.node,
    nodeId: facts.nodeId,
    requestId: facts.leaseId,
    ...(facts.sessionId === undefined ? {} : { sessionId: facts.sessionId }),
  } as const;
  const { runId, step, attempt, command } = facts;
  return {
    begin: () =>
      audit.record({ ...common, phase: "begin", details: { run: runId, step, attempt, command } }),
    end: (how: RemoteEnd) =>
      audit.record({
        ...common,
        phase: "end",
        status: statusOf(how),
        ...("durationMs" in how ? { durationMs: how.durationMs } : {}),
        ...(how.kind === "exited" && how.exitCode !== null ? { exitCode: how.exitCode } : {}),
        details: { run: runId, step, attempt },
      }),
  };
}

function statusOf(how: RemoteEnd): string {
  switch (how.kind) {
    case "exited":
      return how.exitCode === 0 ? "ok" : "error";
    case "timed_out":
      return "timeout";
    default:
      return how.kind;
  }
}
