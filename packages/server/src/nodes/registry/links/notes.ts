import type { NodeLoad } from "@yardmaster/protocol";
import type { NodeRefused } from "../registry.types.ts";
import type { LinkNote } from "./links.store.ts";

export interface NotesDeps {
  readonly writeLinks: (notes: readonly LinkNote[]) => Promise<void>;
  readonly writeTokenUses: (tokenIds: readonly string[]) => Promise<void>;
  readonly writeRefusals: (refusals: readonly NodeRefused[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export interface NotesOptions {
  /** How long a load, a use of a token or a refusal may wait to be written. */
  readonly soonMs: number;
  /** How long it may wait that a link was seen. */
  readonly seenMs: number;
}

export const NOTES: NotesOptions = { soonMs: 2_000, seenMs: 30_000 };

/**
 * What changes too often to be written each time: that a link is alive, how much it carries, that a token was
 * used or refused. Gathered, and written in one statement for all. No timer runs while there is nothing to write.
 */
export function createNotes(deps: NotesDeps, options: NotesOptions = NOTES) {
  const links = new Map<string, NodeLoad | undefined>();
  const tokens = new Set<string>();
  /** By node: nobody gathers more than there are nodes. */
  const refusals = new Map<string, NodeRefused>();
  let timer: NodeJS.Timeout | undefined;
  let dueInMs = Number.POSITIVE_INFINITY;
  let writing = Promise.resolve();

  function plan(inMs: number): void {
    if (timer !== undefined && dueInMs <= inMs) return;
    clearTimeout(timer);
    dueInMs = inMs;
    timer = setTimeout(() => void flush(), inMs).unref();
  }

  /** Writes all that is gathered; what comes meanwhile waits for the next. */
  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    dueInMs = Number.POSITIVE_INFINITY;
    // Of two flushes the second waits for what the first writes, also where that has not begun: a close is the last.
    writing = writing.then(write);
    await writing;
  }

  /** What is lost with the database out of reach comes again with the next frame. */
  async function write(): Promise<void> {
    const notes = [...links].map(([sessionId, load]) => ({ sessionId, load }));
    const used = [...tokens];
    const refused = [...refusals.values()];
    links.clear();
    tokens.clear();
    refusals.clear();
    try {
      if (notes.length > 0) await deps.writeLinks(notes);
      if (used.length > 0) await deps.writeTokenUses(used);
      if (refused.length > 0) await deps.writeRefusals(refused);
    } catch (error) {
      deps.onError(error);
    }
  }

  return {
    seen(sessionId: string): void {
      if (links.has(sessionId)) return;
      links.set(sessionId, undefined);
      plan(options.seenMs);
    },
    load(sessionId: string, load: NodeLoad): void {
      links.set(sessionId, load);
      plan(options.soonMs);
    },
    used(tokenId: string): void {
      tokens.add(tokenId);
      plan(options.soonMs);
    },
    refused(refusal: NodeRefused): void {
      refusals.set(refusal.nodeId, refusal);
      plan(options.soonMs);
    },
    forget(sessionId: string): void {
      links.delete(sessionId);
    },
    flush,
    close: flush,
  };
}

export type Notes = ReturnType<typeof createNotes>;
