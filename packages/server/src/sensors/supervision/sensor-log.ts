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
  /** A line of stdout that was no event, and why. Of a flood of them the first are told, and how many there were. */
  refused(text: string): void;
  /** All that was given is stored, or cannot be. Never rejects. */
  flush(): Promise<void>;
}

const EVERY_MS = 200;
/** A longer line goes on in the next. */
const PIECE_CHARS = 8 * 1024;
const MAX_WAITING_CHARS = 1024 * 1024;
/** So many refused lines are told in so long. All that a program prints at full speed would be 30,000 rows a second. */
const REFUSED_TOLD = 100;
const REFUSED_PER_MS = 10_000;
/** What a line costs beside its text: a program may print empty ones without end. */
const LINE_CHARS = 48;

export function createSensorLog({ append, onRoom, onError, now }: SensorLogDeps): SensorLog {
  let lines: WrittenLine[] = [];
  let chars = 0;
  let refusedLines = 0;
  const refusals = { untilMs: 0, told: 0, untold: 0 };
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
    storeSoon();
    tellRoom();
    if (!hasRoom) void store();
  }

  function storeSoon(): void {
    timer ??= setTimeout(() => void store(), EVERY_MS);
  }

  function tellRoom(): void {
    if (hasRoom ? chars < MAX_WAITING_CHARS : chars > MAX_WAITING_CHARS / 2) return;
    hasRoom = !hasRoom;
    onRoom(hasRoom);
  }

  async function store(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (storing !== undefined) await storing;
    if (lines.length + refusedLines === 0) return;
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

  function tellUntold(): void {
    if (refusals.untold > 0) write("yard", `${refusals.untold} more lines were no events`);
    refusals.untold = 0;
  }

  return {
    write,
    refused(text) {
      refusedLines++;
      if (now() >= refusals.untilMs) {
        tellUntold();
        refusals.untilMs = now() + REFUSED_PER_MS;
        refusals.told = 0;
      }
      if (refusals.told < REFUSED_TOLD) {
        refusals.told++;
        write("yard", text);
      } else {
        refusals.untold++;
        storeSoon();
      }
    },
    flush() {
      tellUntold();
      return store();
    },
  };
}
