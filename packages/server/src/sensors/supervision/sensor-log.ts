import type { SensorLogStream } from "@yardmaster/protocol";
import type { WrittenLine } from "../sensor-logs.store.ts";

export interface SensorLogDeps {
  /** Waits for PostgreSQL. */
  readonly append: (written: {
    readonly lines: readonly WrittenLine[];
    readonly refused: number;
  }) => Promise<void>;
  /** Whether more may be given now. */
  readonly onRoom: (hasRoom: boolean) => void;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

/** Writes the log of one process of a sensor, in statements that many lines share. */
export interface SensorLog {
  write(stream: SensorLogStream, text: string): void;
  /** A line of stdout that was no event, and why. */
  refused(text: string): void;
  /** All that was given is stored, or cannot be. Never rejects. */
  flush(): Promise<void>;
}

const EVERY_MS = 200;
/** A longer line goes on in the next. */
const PIECE_CHARS = 8 * 1024;
const MAX_WAITING_CHARS = 1024 * 1024;
/** What a line costs beside its text: a program may print empty ones without end. */
const LINE_CHARS = 48;

export function createSensorLog({ append, onRoom, onError, now }: SensorLogDeps): SensorLog {
  let lines: WrittenLine[] = [];
  let chars = 0;
  let refusedLines = 0;
  let timer: NodeJS.Timeout | undefined;
  let storing: Promise<void> | undefined;
  let hasRoom = true;

  function write(stream: SensorLogStream, text: string): void {
    const at = new Date(now());
    for (let begin = 0; begin === 0 || begin < text.length; begin += PIECE_CHARS) {
      const piece = text.slice(begin, begin + PIECE_CHARS);
      lines.push({ at, stream, text: piece });
      chars += piece.length + LINE_CHARS;
    }
    timer ??= setTimeout(() => void flush(), EVERY_MS);
    tellRoom();
    if (!hasRoom) void flush();
  }

  function tellRoom(): void {
    if (hasRoom ? chars < MAX_WAITING_CHARS : chars > MAX_WAITING_CHARS / 2) return;
    hasRoom = !hasRoom;
    onRoom(hasRoom);
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (storing !== undefined) await storing;
    if (lines.length === 0) return;
    const written = { lines, refused: refusedLines };
    lines = [];
    chars = 0;
    refusedLines = 0;
    storing = append(written)
      .catch(onError)
      .finally(() => {
        storing = undefined;
        tellRoom();
      });
    await storing;
  }

  return {
    write,
    refused(text) {
      refusedLines++;
      write("yard", text);
    },
    flush,
  };
}
