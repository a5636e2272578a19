import { type ProcessPayload, processPayload } from "@yardmaster/protocol/node";
import type { Refusal } from "../refusal.ts";
import type { WorkDeps, WorkOptions } from "../work.types.ts";
import type { TaskOffer } from "./job.ts";

export interface OfferSurroundings extends Pick<WorkDeps, "refusalOf"> {
  readonly allow: WorkOptions["allow"];
  readonly slots: number;
  readonly storeMostBytes: number;
  readonly isDraining: () => boolean;
  /** All slots are taken. */
  readonly isFull: boolean;
}

/**
 * What an offer asks for, or why it is not taken. Whether the node's labels fit is the server's to say: those that
 * its operators gave win over the node's own.
 */
export function checkOffer(
  { job }: TaskOffer,
  around: OfferSurroundings,
): { readonly payload: ProcessPayload } | Refusal {
  if (!around.allow.jobs) {
    return { reason: "command_not_allowed", detail: "the node's owner does not allow jobs" };
  }
  if (job.kind !== "process" || process.platform === "win32") {
    return { reason: "unsupported", detail: `the node carries out no jobs of kind ${job.kind}` };
  }
  const read = processPayload.safeParse(job.payload);
  if (read.success) return flawOf(read.data, around) ?? { payload: read.data };
  const [issue] = read.error.issues;
  return { reason: "bad_request", detail: `payload.${issue?.path.join(".")}: ${issue?.message}` };
}

function flawOf(
  { files, work_files, argv }: ProcessPayload,
  around: OfferSurroundings,
): Refusal | undefined {
  if (around.isDraining()) return { reason: "busy", detail: "the node is about to stop" };
  if (around.isFull) return { reason: "busy", detail: `all ${around.slots} slots are taken` };
  const bytes = [...files, ...work_files].reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > around.storeMostBytes / 2) {
    const detail = `its files have ${bytes} bytes, more than the node keeps`;
    return { reason: "file_too_large", detail };
  }
  const why = around.refusalOf(argv.join(" "));
  return why === undefined ? undefined : { reason: "command_not_allowed", detail: why };
}
