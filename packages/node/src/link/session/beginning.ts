import { NODE_TIMES } from "@yardmaster/protocol/node";
import type { ResumeDecisions, Work, WorkFrame, WorkLink } from "../../work/work.types.ts";

/** A server sends no call before its answer to a resume, or five seconds; few can come too early. */
const EARLY_MOST = 1_000;

export interface BeginningOptions {
  readonly work: Work;
  readonly link: WorkLink;
  /** Of the session before, where there was one that can be taken up again. */
  readonly resumeToken: string | undefined;
  readonly resumeMs?: number;
}

/** Between the login and the work: the server says first what becomes of the session before. */
export interface Beginning {
  start(): void;
  /** The first answer counts. */
  decide(before: ResumeDecisions | "fresh"): void;
  /** To the work, which is given nothing before it has a link. */
  ask(frame: WorkFrame): void;
  /** The socket is gone. */
  stop(): void;
}

export function createBeginning({
  work,
  link,
  resumeToken,
  resumeMs = NODE_TIMES.resumeWaitMs * 2,
}: BeginningOptions): Beginning {
  let state: "waiting" | "linked" | "over" = "waiting";
  let timer: NodeJS.Timeout | undefined;
  const early: WorkFrame[] = [];

  function decide(before: ResumeDecisions | "fresh"): void {
    if (state !== "waiting") return;
    state = "linked";
    clearTimeout(timer);
    work.linkUp(link, before);
    for (const frame of early.splice(0)) work.handle(frame);
  }

  return {
    start() {
      if (resumeToken === undefined || !link.has("resume")) return decide("fresh");
      const [calls, leases] = [work.calls(), work.leases()];
      link.send({ type: "resume", resume_token: resumeToken, calls, leases });
      // A server that never answers is worked for all the same.
      timer = setTimeout(() => decide("fresh"), resumeMs);
    },
    decide,
    ask(frame) {
      if (state === "linked") return work.handle(frame);
      if (early.length >= EARLY_MOST) throw new Error("too much was asked before the resume");
      early.push(frame);
    },
    stop() {
      clearTimeout(timer);
      if (state === "linked") work.linkDown();
      state = "over";
    },
  };
}
