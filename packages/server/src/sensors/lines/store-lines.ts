import { isAppError, type Json } from "@yardmaster/protocol";
import { type CloudEvent, sensorSource } from "../../events/index.ts";
import { type Arrival, accompany, arrivalOfCloudEvent, type Intake } from "../../inbox/index.ts";
import { type LineRow, lineCompanion } from "./line-part.ts";

/** A line on its way into the database. */
export interface StorableLine {
  /** Which line of its process it is. */
  readonly number: number;
  readonly bytes: Buffer;
  readonly event: CloudEvent;
  cursor: Json | undefined;
}

export interface StoreLinesDeps {
  readonly take: Intake;
  /** False: the sensor has another process by now. Waits for PostgreSQL. */
  readonly moveCursor: (cursor: Json) => Promise<boolean>;
  readonly ref: string;
  readonly fence: number;
  /** Whether more may be given now. */
  readonly onRoom: (hasRoom: boolean) => void;
  readonly onStored: (lines: number) => void;
  /** PostgreSQL refuses it for what it is. */
  readonly onRefused: (line: StorableLine, reason: string) => void;
  /** The sensor has another process: what comes from this one is nobody's. */
  readonly onFenced: () => void;
  /** Resolves a while later. */
  readonly pause: () => Promise<void>;
}

export interface LineStore {
  push(line: StorableLine): void;
  /** A cursor without an event; with the event before it where that still waits. */
  pushCursor(cursor: Json): void;
  /** All that was given is stored, or never will be. Never rejects. */
  idle(): Promise<void>;
  /** Nothing more is stored. Says how many lines were left. */
  abandon(): number;
}

/** Lines that are sent to be committed together. */
const WINDOW = 256;
/** Lines that wait, and their bytes, beyond which the pipe is not read. */
export const MAX_WAITING = 1_000;
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Stores the events of one process in their order, a window of them at a time: those of a window share commits with
 * each other and with whatever else is written. What was not settled is sent again, from the first on.
 */
export function createLineStore(deps: StoreLinesDeps): LineStore {
  let waiting: StorableLine[] = [];
  let waitingBytes = 0;
  let lastCursor: { readonly cursor: Json } | undefined;
  let place = 0;
  let working: Promise<void> | undefined;
  let isOver = false;
  let hasRoom = true;

  function tellRoom(): void {
    const isFull = waiting.length >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES;
    const isHalf = waiting.length <= MAX_WAITING / 2 && waitingBytes <= MAX_WAITING_BYTES / 2;
    if (hasRoom ? !isFull : !isHalf) return;
    hasRoom = !hasRoom;
    deps.onRoom(hasRoom);
  }

  function start(): void {
    // In the next turn: what comes in one chunk goes together.
    working ??= Promise.resolve()
      .then(work)
      .finally(() => {
        working = undefined;
      });
  }

  async function work(): Promise<void> {
    while (!isOver && (waiting.length > 0 || lastCursor !== undefined)) {
      if (waiting.length > 0) await storeWindow();
      else await storeCursor();
    }
  }

  async function storeCursor(): Promise<void> {
    const given = lastCursor as { readonly cursor: Json };
    const isOwn = await deps.moveCursor(given.cursor).catch(() => undefined);
    if (isOwn === false) return fenced();
    if (isOwn === undefined) await deps.pause();
    else if (lastCursor === given) lastCursor = undefined;
  }

  async function storeWindow(): Promise<void> {
    const window = waiting.slice(0, WINDOW);
    const results = await Promise.allSettled(
      window.map((line, i) => deps.take(arrivalOf(line, place + i + 1))),
    );
    if (isOver) return;
    const end = results.findIndex(
      (result) => result.status === "rejected" || result.value.refused !== undefined,
    );
    const settled = end < 0 ? window.length : end;
    const stored = results.slice(0, settled).filter(isNew).length;
    drop(settled);
    place += settled;
    if (stored > 0) deps.onStored(stored);
    const broken = results[settled];
    if (broken?.status === "fulfilled" && broken.value.refused === "fenced") return fenced();
    if (broken?.status === "rejected") await failed(broken.reason);
    // The first one in its order was refused for it: the row is not what this process has left there.
    else if (broken !== undefined && settled === 0) await deps.pause();
  }

  /** What PostgreSQL cannot take now it takes later; what it refuses of this very line it never takes. */
  async function failed(error: unknown): Promise<void> {
    const [line] = waiting;
    if (line === undefined) return;
    if (isAppError(error) && error.code === "unavailable") return deps.pause();
    drop(1);
    deps.onRefused(line, `it cannot be stored: ${(error as Error).message}`);
  }

  function drop(lines: number): void {
    for (const { bytes } of waiting.slice(0, lines)) waitingBytes -= bytes.length;
    waiting = waiting.slice(lines);
    tellRoom();
  }

  function fenced(): void {
    abandon();
    deps.onFenced();
  }

  function abandon(): number {
    const left = waiting.length;
    isOver = true;
    waiting = [];
    waitingBytes = 0;
    lastCursor = undefined;
    tellRoom();
    return left;
  }

  function arrivalOf({ bytes, event, cursor }: StorableLine, at: number): Arrival {
    const { ref, fence } = deps;
    const came = {
      channel: "sensor",
      source: sensorSource(ref),
      headers: {},
      body: bytes,
      verifiedBy: `sensor:${ref}`,
    } as const;
    return {
      ...arrivalOfCloudEvent(event, came),
      company: accompany<LineRow>(lineCompanion, { ref, fence, place: at, cursor }),
    };
  }

  return {
    push(line) {
      if (isOver) return;
      if (lastCursor !== undefined) {
        // The event's own is the later one; without one the event takes it along.
        if (line.cursor === undefined) line.cursor = lastCursor.cursor;
        lastCursor = undefined;
      }
      waiting.push(line);
      waitingBytes += line.bytes.length;
      tellRoom();
      start();
    },
    pushCursor(cursor) {
      if (isOver) return;
      lastCursor = { cursor };
      start();
    },
    async idle() {
      while (working !== undefined) await working;
    },
    abandon,
  };
}

function isNew(result: PromiseSettledResult<Awaited<ReturnType<Intake>>>): boolean {
  return result.status === "fulfilled" && !result.value.duplicate;
}
