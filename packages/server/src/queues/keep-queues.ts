import type { QueueDefinition } from "@yardmaster/kernel";
import type { RunningEngine } from "../engine/index.ts";
import type { Packs } from "../packs/index.ts";

export interface KeepQueuesDeps {
  readonly engine: Pick<RunningEngine, "setQueues">;
  readonly packs: Pick<Packs, "queues" | "beforeChange">;
}

/** The engine has the limits of what becomes active before that is used. `begin` gives it those of now. */
export function keepQueues({ engine, packs }: KeepQueuesDeps) {
  const keep = (queues: readonly QueueDefinition[]): Promise<void> =>
    engine.setQueues(queues.map(limitsOf));
  const close = packs.beforeChange(keep);
  return { begin: (): Promise<void> => keep(packs.queues()), close };
}

function limitsOf({ name, concurrency, keyConcurrency, fifo, rate }: QueueDefinition) {
  return {
    ...{ name, concurrency: concurrency ?? null, keyConcurrency: keyConcurrency ?? null },
    ...{ fifo, rate: rate ?? null },
  };
}
