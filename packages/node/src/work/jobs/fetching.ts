import type { JobFile, ServerFrames } from "@yardmaster/protocol/node";
import { meaningOf } from "../files/file-refusal.ts";
import type { Outbox } from "../outbox.ts";
import type { ContentStore } from "./content-store.ts";

/** Gets the files of one job that the node has not. */
export interface Fetching {
  /** Asks for what is missing; with nothing missing it is complete at once. */
  begin(): void;
  /** After a cut link: asks again, each file from where it ended. */
  resume(): void;
  take(frame: ServerFrames["task_file"]): void;
  stop(): void;
}

export interface FetchingDeps {
  readonly leaseId: string;
  readonly outbox: Outbox;
  readonly store: ContentStore;
  /** Once. */
  readonly onComplete: () => void;
  readonly onFlaw: (error: Error) => void;
}

/** A file whose checksum is wrong is asked for again so often. */
const TRIES = 2;

export function createFetching(files: readonly JobFile[], deps: FetchingDeps): Fetching {
  const { leaseId, outbox, store } = deps;
  const bytesOf = new Map(files.map(({ sha256, bytes }) => [sha256, bytes]));
  const tries = new Map<string, number>();
  let isOver = false;

  let missing = new Set<string>();

  const ask = (wanted: readonly string[]): void => {
    const asked = wanted.map((sha256) => ({ sha256, offset: store.offset(sha256) }));
    outbox.send({ type: "task_need", lease_id: leaseId, files: asked });
  };

  const look = (): void => {
    if (isOver) return;
    missing = new Set([...bytesOf.keys()].filter((sha256) => !store.has(sha256)));
    if (missing.size > 0) ask([...missing]);
    else complete();
  };

  const complete = (): void => {
    isOver = true;
    deps.onComplete();
  };

  const fail = (detail: string, options?: ErrorOptions): void => {
    if (isOver) return;
    isOver = true;
    deps.onFlaw(new Error(detail, options));
  };

  const again = (sha256: string): void => {
    const tried = (tries.get(sha256) ?? 0) + 1;
    tries.set(sha256, tried);
    if (tried < TRIES) ask([sha256]);
    else fail(`the file ${sha256} arrived ${tried} times as something else`);
  };

  const receive = async ({ sha256, offset, data }: ServerFrames["task_file"]): Promise<void> => {
    const bytes = bytesOf.get(sha256);
    if (bytes === undefined) return;
    const received = await store.receive({ sha256, bytes, offset, data });
    if (isOver) return;
    outbox.send({ type: "task_file_ack", lease_id: leaseId, sha256, offset: received.offset });
    if (received.status === "mismatch") again(sha256);
    if (received.status !== "complete") return;
    missing.delete(sha256);
    if (missing.size === 0) complete();
  };

  return {
    begin: look,
    resume: look,
    take(frame) {
      if (isOver) return;
      receive(frame).catch((cause: unknown) =>
        fail(`a file of the job cannot be stored: ${meaningOf(cause)}`, { cause }),
      );
    },
    stop() {
      isOver = true;
    },
  };
}
