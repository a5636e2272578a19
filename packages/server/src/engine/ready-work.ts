import type { InstantBacklog } from "./instants/instant-backlog.ts";
import { INSTANT, isForNodes, type RunnerKind } from "./worker/runner-kind.ts";
import type { Hint } from "./worker/wakeups.ts";
import type { Worker } from "./worker/worker.ts";

export interface ReadyWorkDeps {
  readonly worker: Pick<Worker, "backlog" | "poll" | "hasRoom">;
  readonly instantBacklog: Pick<InstantBacklog, "ready">;
  readonly onHint: (hint: Hint) => void;
  readonly onNodesReady: () => void;
}

const KINDS = ["core", "process"] as const;

/** Tells that attempts may be ready to whoever can take them: this process, those beside it, and the nodes' links. */
export function createReadyWork(deps: ReadyWorkDeps) {
  const { worker, instantBacklog, onHint, onNodesReady } = deps;

  /** Where this process has room it takes what waits itself; all others would be woken for nothing. */
  function tellOthers(runner: RunnerKind, hint: Hint): void {
    if (!worker.hasRoom(runner)) onHint(hint);
  }

  /** What this process can take. */
  function here(): void {
    worker.poll();
    instantBacklog.ready();
  }

  return {
    here,
    /** What was held may be given out, here or elsewhere. */
    all(): void {
      here();
      onNodesReady();
      for (const hint of [...KINDS, INSTANT, "lanes", "nodes"] as const) onHint(hint);
    },
    /** Attempts were written that wait: in a lane, or in none (""). */
    waits(runner: string, lane: string): void {
      if (isForNodes(runner)) {
        onNodesReady();
        onHint("nodes");
        return;
      }
      if (runner === INSTANT) {
        instantBacklog.ready();
        tellOthers("core", INSTANT);
        return;
      }
      const kind = runner as RunnerKind;
      worker.backlog(kind, lane);
      tellOthers(kind, lane === "" ? kind : "lanes");
    },
    /** Lanes may have room again. */
    lanesFreed(): void {
      for (const kind of KINDS) {
        worker.backlog(kind, "*");
        tellOthers(kind, "lanes");
      }
      onNodesReady();
    },
    /** Another process says that something waits. */
    hinted(hint: Exclude<Hint, "stop" | "joined">): void {
      if (hint === "nodes") onNodesReady();
      else if (hint === INSTANT) instantBacklog.ready();
      else if (hint === "lanes") for (const kind of KINDS) worker.backlog(kind, "*");
      else worker.backlog(hint, "");
    },
  };
}
