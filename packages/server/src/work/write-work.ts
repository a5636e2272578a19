import { AppError } from "@yardmaster/protocol";
import type { Audit } from "../audit/index.ts";
import { readWorkPlace } from "./follow/place.store.ts";
import type { WorkWrite } from "./follow/work-part.ts";
import { type Told, workUnit } from "./follow/work-unit.ts";
import type { WorkDeps } from "./work.types.ts";

/** What somebody has decided, and what the audit keeps of it. */
export interface Decided<T> {
  readonly write: Omit<WorkWrite, "opId" | "version">;
  readonly told?: readonly Told[] | undefined;
  readonly entry: Parameters<Audit["withRun"]>[0];
  readonly answer: T;
}

/** Others may write between the reading and the commit; so often in a row they do not. */
const MAX_TRIES = 20;

/** Reads, decides and writes, with its line in the audit; decided anew where somebody else was first. */
export type DecideWork = <T>(decide: () => Promise<Decided<T>>) => Promise<T>;

export function createWorkWriter({
  database,
  engine,
  audit,
  newId,
}: Pick<WorkDeps, "database" | "engine" | "audit" | "newId">): DecideWork {
  return async function decideWork(decide) {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { version } = await readWorkPlace(database.pool);
      const { write, told, entry, answer } = await decide();
      const unit = workUnit({ ...write, opId: newId(), version }, { told: told ?? [] });
      const { part, kept } = audit.withRun(entry);
      if ((await engine.commit({ ...unit, also: part })) !== "done") continue;
      kept();
      return answer;
    }
    throw new AppError("unavailable", "Work changes faster than this can be written. Try again.");
  };
}
