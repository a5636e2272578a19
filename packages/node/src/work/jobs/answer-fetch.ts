import { constants } from "node:fs";
import type { OutgoingNodeFrames, ServerFrames } from "@yardmaster/protocol/node";
import { openWithin } from "../files/opened.ts";
import { realRoots } from "../files/roots.ts";
import { codeOf } from "../refusal.ts";
import type { Job } from "./job.ts";

/** A piece of a file that a job handed back. */
export async function answerFetch(
  { lease_id, path, offset, length }: ServerFrames["task_fetch"],
  job: Job | undefined,
): Promise<OutgoingNodeFrames["task_file_data"]> {
  const head = { type: "task_file_data", lease_id, path, offset } as const;
  const refuse = (error: string, error_detail: string) =>
    ({ ...head, data: Buffer.alloc(0), eof: true, error, error_detail }) as const;
  const found = job?.collected(path);
  if (found === undefined) return refuse("file_not_found", `the job handed back no file ${path}`);
  try {
    const roots = realRoots({ allowed: [found.folder], closed: [] });
    const file = await openWithin(found.path, constants.O_RDONLY, roots);
    try {
      const data = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(data, 0, length, offset);
      const { size } = await file.stat();
      return { ...head, data: data.subarray(0, bytesRead), eof: offset + bytesRead >= size };
    } finally {
      await file.close();
    }
  } catch (error) {
    return refuse("io_error", `${path} cannot be read (${codeOf(error)})`);
  }
}
