import type { ResumedCall } from "@yardmaster/protocol/node";
import type { ResumeDecisions, Work, WorkFrame, WorkLink } from "../../work/work.types.ts";

/** Work that is told what to say, and remembers what it was told. */
export interface FakeWork extends Work {
  readonly handled: WorkFrame[];
  readonly heard: string[];
  readonly decisions: (ResumeDecisions | "fresh")[];
  /** Of the session that is up. */
  link(): WorkLink;
  open: ResumedCall[];
  /** What `drain` waits for. */
  drained: Promise<void>;
  onHandle: (frame: WorkFrame) => void;
}

export function createFakeWork(): FakeWork {
  let link: WorkLink | undefined;
  const work: FakeWork = {
    handled: [],
    heard: [],
    decisions: [],
    open: [],
    drained: Promise.resolve(),
    onHandle: () => {},
    link() {
      if (link === undefined) throw new Error("no session is up");
      return link;
    },
    handle(frame) {
      work.handled.push(frame);
      work.onHandle(frame);
    },
    linkUp(next, before) {
      link = next;
      work.decisions.push(before);
      work.heard.push("up");
    },
    linkDown() {
      link = undefined;
      work.heard.push("down");
    },
    calls: () => work.open,
    leases: () => [],
    features: () => [],
    load: () => ({ calls: work.open.length, jobs: 0, slots: 4 }),
    drain: async () => {
      work.heard.push("drain");
      await work.drained;
    },
    killAll: () => {
      work.heard.push("killAll");
      return Promise.resolve();
    },
    abandon() {
      work.heard.push("abandon");
    },
  };
  return work;
}
