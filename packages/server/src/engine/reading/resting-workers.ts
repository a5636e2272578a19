/** A living worker that could not begin a process: it takes none, or one at a time. */
export interface RestingWorker {
  readonly id: string;
  readonly host: string;
  /** Why, and what to do. */
  readonly resting: string;
}

export function restingAmong(
  workers: readonly (Omit<RestingWorker, "resting"> & { readonly resting: string | null })[],
): RestingWorker[] {
  return workers.filter((worker): worker is RestingWorker => worker.resting !== null);
}

export function restingText({ id, host, resting }: RestingWorker): string {
  return `worker ${id} on ${host} rests from processes: ${resting}`;
}

/** What lets processes begin where all workers rest. */
export const END_OF_REST =
  "see to what the worker says: it tries a process again within a minute; or start a worker on another machine: yard start --roles worker";
