import { REST_MS } from "../../src/engine/worker/rest.ts";
import type { Tables } from "../model/index.ts";
import { keyOf } from "./child.ts";

export interface WorkerCheckDeps {
  readonly tables: Pick<Tables, "leases">;
  readonly now: () => number;
  readonly breach: (what: string) => void;
  readonly hasResult: (key: string) => boolean;
}

/** Whether workers rest from what they cannot begin, and what one had that died is recovered in time. */
export function createWorkerCheck({ tables, now, breach, hasResult }: WorkerCheckDeps) {
  /** When each life had what it could not begin, lately. */
  const refusals = new Map<string, readonly number[]>();
  const kills: { readonly life: string; readonly at: number; readonly keys: string[] }[] = [];

  return {
    /** A worker rests from what it could not begin: else it would have it again and again. */
    gaveBack(life: string, capacity: number): void {
      const most = 2 * capacity + 1;
      const times = [...(refusals.get(life) ?? []), now()].slice(-most - 1);
      refusals.set(life, times);
      const stretchMs = now() - (times[0] ?? 0);
      if (times.length > most && stretchMs < REST_MS.first)
        breach(`${life} took ${times.length} attempts within ${stretchMs} ms that it cannot begin`);
    },
    /** It died, and others that may judge it live on: what it held must be seen as lost in time. */
    killed(life: string, sessions: readonly string[]): void {
      const held = [...tables.leases.values()].filter((row) => sessions.includes(row.session));
      kills.push({ life, at: now(), keys: held.map(keyOf) });
    },
    checkRecovery(): void {
      for (const { life, at, keys } of kills.splice(0)) {
        for (const key of keys)
          if (!hasResult(key))
            breach(`${key}, which died with ${life}, was not recovered in ${now() - at} ms`);
      }
    },
  };
}
