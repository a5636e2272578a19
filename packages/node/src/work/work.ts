import { REASON_CODES } from "@yardmaster/protocol/node";
import type { Work, WorkDeps, WorkLink, WorkOptions } from "./work.types.ts";

/** Nothing is carried out yet: what is asked is refused. The handlers take this file's place. */
export function createWork(_deps: WorkDeps, { slots }: WorkOptions): Work {
  let link: WorkLink | undefined;
  return {
    handle(frame) {
      if (!("id" in frame)) return;
      link?.send({
        type: "error",
        id: frame.id,
        code: REASON_CODES.unsupported,
        reason: "unsupported",
      });
    },
    linkUp(up) {
      link = up;
    },
    linkDown() {
      link = undefined;
    },
    calls: () => [],
    leases: () => [],
    features: () => [],
    load: () => ({ calls: 0, jobs: 0, slots }),
    drain: () => Promise.resolve(),
    killAll: () => Promise.resolve(),
    abandon: () => {},
  };
}
