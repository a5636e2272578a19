import { spawn } from "node:child_process";
import { AppError, type ChecksOfPacks } from "@yardmaster/protocol/core";
import { PROGRAMS, requireBuilt } from "../programs.ts";

/** What is asked about packs without a server, and what comes back (docs/decisions/012). */
export interface Answers {
  readonly check: ChecksOfPacks;
  /** JSON Schemas by the kind of file that they are for. */
  readonly schemas: { readonly [kind: string]: PublishedSchema };
}

export interface PublishedSchema {
  readonly properties: { readonly [key: string]: { readonly [keyword: string]: unknown } };
  readonly [keyword: string]: unknown;
}

/** Asks the server's own code, which compiles packs, in a process of its own: `yard` does not import the server. */
export async function ask<Task extends keyof Answers>(
  task: Task,
  args: readonly string[] = [],
): Promise<Answers[Task]> {
  requireBuilt(PROGRAMS.packs);
  const child = spawn(process.execPath, [PROGRAMS.packs.launcher, task, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let answer = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    answer += text;
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.once("error", fail).once("close", done);
  });
  if (code !== 0) throw new AppError("internal", `The program that reads packs ended with ${code}`);
  return JSON.parse(answer) as Answers[Task];
}
