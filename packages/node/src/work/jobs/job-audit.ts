import type { OutgoingNodeFrames, ProcessPayload } from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import { redactCommand } from "../redact.ts";
import type { WorkDeps } from "../work.types.ts";
import type { TaskOffer } from "./job.ts";

/** The two lines that the node's own audit has of a job. */
export function createJobAudit(audit: WorkDeps["audit"], outbox: Pick<Outbox, "sessionId">) {
  const common = ({ job }: TaskOffer) =>
    ({ action: "job", request_id: job.id, session_id: outbox.sessionId() }) as const;
  return {
    begin(offer: TaskOffer, { argv }: ProcessPayload): void {
      const details = { lease: offer.lease_id, command: redactCommand(argv.join(" ")) };
      audit({ ...common(offer), phase: "begin", details });
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
