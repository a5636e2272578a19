import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MARK } from "./environment.ts";
import { removeTree } from "./jobs/remove-tree.ts";
import { killMarked } from "./processes/stop.ts";
import type { WorkDeps } from "./work.types.ts";

/**
 * What an earlier process of this node has left: its folders are removed, and its processes killed, should it have
 * died without doing so. Answers the folder for what does not outlast this process.
 */
export function takeOver(
  stateFolder: string,
  instance: string,
  { log }: Pick<WorkDeps, "log">,
): string {
  const runs = join(stateFolder, "run");
  const runFolder = join(runs, instance);
  mkdirSync(runFolder, { recursive: true, mode: 0o700 });
  const before = readdirSync(runs).filter((name) => name !== instance);
  for (const name of before) {
    void killMarked(MARK.node, name).then(async (killed) => {
      if (killed.size > 0) {
        log(
          "warn",
          `processes that an earlier run of this node had left were killed: ${killed.size}`,
        );
      }
      await removeTree(join(runs, name));
    });
  }
  return runFolder;
}
