import type { OutgoingNodeFrames, ProcessPayload } from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import { redactCommand } from "../redact.ts";
import type { Refusal } from "../refusal.ts";
import type { WorkDeps } from "../work.types.ts";
import type { TaskOffer } from "./job.ts";

/** The two lines that the node's own audit has of a job, and of an offer that it did not take. */
export function createJobAudit(audit: WorkDeps["audit"], outbox: Pick<Outbox, "sessionId">) {
  const common = ({ job, actor }: TaskOffer) =>
    ({ action: "job", request_id: job.id, actor, session_id: outbox.sessionId() }) as const;
  const begin = (offer: TaskOffer, argv: readonly string[]): void => {
    const details = { lease: offer.lease_id, command: redactCommand(argv.join(" ")) };
    audit({ ...common(offer), phase: "begin", details });
  };
  return {
    begin: (offer: TaskOffer, { argv }: ProcessPayload): void => begin(offer, argv),
    rejected(offer: TaskOffer, { reason }: Refusal): void {
      begin(offer, argvOf(offer.job.payload));
      const details = { lease: offer.lease_id, error: reason };
      audit({ ...common(offer), phase: "end", status: "rejected", duration_ms: 0, details });
    },
    end(offer: TaskOffer, result: OutgoingNodeFrames["task_result"]): void {
      audit({
        ...common(offer),
        phase: "end",
        status: result.status,
        exit_code: result.exit_code ?? 0,
        duration_ms: result.duration_ms ?? 0,
        details: { lease: offer.lease_id, error: result.error ?? null },
      });
    },
  };
}

/** As far as it can be read: of what is rejected it need not be right. */
function argvOf(payload: unknown): string[] {
  const { argv } = (payload ?? {}) as { readonly argv?: unknown };
  return Array.isArray(argv) ? argv.filter((word) => typeof word === "string") : [];
}
