import { AppError, type StepFile, type WorkError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { retryOnConnectionLoss } from "../db/index.ts";
import { rootOfRun } from "../engine/index.ts";
import type { AttemptFiles } from "../runners/index.ts";
import { readContent } from "./content-reader.ts";
import { createContentWriter } from "./content-writer.ts";
import { copyUses, type StoredContent, selectUsed, sumUsed, useContent } from "./contents.store.ts";
import { treeFlaw } from "./tree-limit.ts";

export interface StepFilesDeps {
  readonly pool: Pool;
  readonly newId: () => string;
}

/** Where the files of steps are kept. */
export interface StepFiles {
  /** Those of one attempt; `given` is what it is to find in its work folder. */
  ofAttempt(runId: string, given: readonly StepFile[]): AttemptFiles;
  /** A new try of a run may use all that the one before had. */
  giveAll(fromRun: string, toRun: string): Promise<void>;
  /** A content that the tree of a run has. */
  find(runId: string, sha256: string): Promise<StoredContent | undefined>;
  read(content: StoredContent, from: number, to: number): AsyncIterable<Buffer>;
}

export function createStepFiles({ pool, newId }: StepFilesDeps): StepFiles {
  const rootOf = (runId: string) => retryOnConnectionLoss(() => rootOfRun(pool, runId));

  async function find(runId: string, sha256: string): Promise<StoredContent | undefined> {
    const root = await rootOf(runId);
    return (await retryOnConnectionLoss(() => selectUsed(pool, root, [sha256])))[0];
  }

  function ofAttempt(runId: string, given: readonly StepFile[]): AttemptFiles {
    let root: Promise<string> | undefined;
    const rootId = (): Promise<string> => {
      root ??= rootOf(runId);
      return root;
    };
    const known = new Map<string, StoredContent>();

    async function refused(): Promise<WorkError | undefined> {
      const sums = [...new Set(given.map(({ sha256 }) => sha256))];
      if (sums.length === 0) return undefined;
      const of = await rootId();
      const found = await retryOnConnectionLoss(() => selectUsed(pool, of, sums));
      for (const content of found) known.set(content.sha256, content);
      return refusalOf(given, known);
    }

    return {
      given,
      refused,
      async *read(sha256, from) {
        const content = known.get(sha256);
        if (content === undefined)
          throw new AppError("not_found", `the content ${sha256} is not one of the attempt's`);
        yield* readContent(pool, content, from);
      },
      async overLimit(handed) {
        if (handed.length === 0) return undefined;
        const of = await rootId();
        const own = new Map(handed.map(({ sha256, bytes }) => [sha256, bytes]));
        const others = await retryOnConnectionLoss(() => sumUsed(pool, of, [...own.keys()]));
        return treeFlaw(others, own);
      },
      async reuse(sha256) {
        const of = await rootId();
        return await retryOnConnectionLoss(() => useContent(pool, of, sha256));
      },
      write: () => createContentWriter(pool, { id: newId(), rootId }),
    };
  }

  return {
    ofAttempt,
    find,
    async giveAll(fromRun, toRun) {
      const from = await rootOf(fromRun);
      await retryOnConnectionLoss(() => copyUses(pool, from, toRun));
    },
    read: (content, from, to) => readContent(pool, content, from, to),
  };
}

/** A file is used by what it says it is: its checksum must be one that the tree has, and its size that of this. */
function refusalOf(
  given: readonly StepFile[],
  known: ReadonlyMap<string, StoredContent>,
): WorkError | undefined {
  const wrong = given.find(({ sha256, bytes }) => known.get(sha256)?.bytes !== bytes);
  if (wrong === undefined) return undefined;
  const { path, sha256, bytes } = wrong;
  const message = `${path} (${bytes} bytes, sha256 ${sha256.slice(0, 12)}…) is no file of this run, or of one that it is a step of: only what their steps handed back can be used.`;
  return { code: "file_not_found", message, details: { path, sha256 } };
}
