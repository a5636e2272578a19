import { describeTarget, parseTargetKey } from "@yardmaster/kernel";
import { isForNodes, targetKeyOf } from "../worker/runner-kind.ts";

/** What a ready attempt that is in no lane waits for, in words; `runner` is that of its row. */
export function waitsFor(runner: string): string {
  if (!isForNodes(runner)) return "waits for a free worker";
  return `waits for ${describeTarget(parseTargetKey(targetKeyOf(runner)))}`;
}
