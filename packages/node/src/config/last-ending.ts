import { readFile, rm } from "node:fs/promises";
import { z } from "zod";
import { writeOwnerFile } from "./owner-only.ts";

const endingSchema = z.object({ at: z.string(), why: z.string() });

/** When and why a node's program has ended for good: whoever asks later finds no process that could say it. */
export type NotedEnding = z.infer<typeof endingSchema>;

/** A folder that cannot be written loses the note alone: the log has said it. */
export async function noteEnding(path: string, ending: NotedEnding): Promise<void> {
  await writeOwnerFile(path, `${JSON.stringify(ending)}\n`).catch(() => {});
}

export async function forgetEnding(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

export async function lastEnding(path: string): Promise<NotedEnding | undefined> {
  try {
    return endingSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}
