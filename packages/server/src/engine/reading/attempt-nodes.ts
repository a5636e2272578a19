import type { AttemptView, StepRecord } from "./reading.types.ts";

/** Ids of the sessions that had attempts of these steps. */
export function workersOf(records: readonly StepRecord[]): string[] {
  const workers = new Set<string>();
  for (const { attempts } of partsOf(records))
    for (const { worker } of attempts) if (worker !== null) workers.add(worker);
  return [...workers];
}

/** The same steps, with the names of the nodes that had attempts; `names` by the ids of their sessions. */
export function withNodes(
  records: readonly StepRecord[],
  names: ReadonlyMap<string, string>,
): StepRecord[] {
  if (names.size === 0) return [...records];
  const named = <Part extends WithAttempts>(part: Part): Part => ({
    ...part,
    attempts: part.attempts.map((attempt) => {
      const node = names.get(attempt.worker ?? "");
      return node === undefined ? attempt : { ...attempt, node };
    }),
    ...(part.undo === undefined ? {} : { undo: named(part.undo) }),
  });
  return records.map((record) => ({
    ...named(record),
    items: record.items?.map(named) ?? null,
    ...(record.rounds === undefined ? {} : { rounds: record.rounds.map(named) }),
  }));
}

interface WithAttempts {
  readonly attempts: readonly AttemptView[];
  readonly undo?: WithAttempts;
}

function partsOf(records: readonly StepRecord[]): WithAttempts[] {
  const parts: WithAttempts[] = [];
  for (const record of records) {
    for (const part of [record, ...(record.items ?? []), ...(record.rounds ?? [])]) {
      parts.push(part);
      if (part.undo !== undefined) parts.push(part.undo);
    }
  }
  return parts;
}
