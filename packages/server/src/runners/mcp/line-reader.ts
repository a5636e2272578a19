import { ownTurn } from "../../json/index.ts";
import { createLines } from "../output/lines.ts";
import type { OutputPipe } from "../process/start.ts";
import { type Message, readMessages } from "../rpc/message.ts";

export interface LineReader {
  /** Lines that were no messages. */
  strays(): number;
  /** All that came has been read. */
  settled(): Promise<void>;
}

/** Reads the messages of a server on its stdout, one a line. */
export function readLines(
  pipe: OutputPipe,
  maxLineBytes: number,
  on: {
    readonly message: (message: Message) => void;
    readonly stray: (line: string) => void;
    /** A message that cannot be taken, which nobody will send again. */
    readonly beyond: (problem: string) => void;
    /** A line is longer than may be; no more is read. */
    readonly tooLong: () => void;
    /** No more will come. */
    readonly end: () => void;
  },
): LineReader {
  let strays = 0;
  let isOver = false;
  let turn: Promise<void> | undefined;

  function read(line: Buffer): void {
    const text = line.toString("utf8");
    if (isOver || text.trim() === "") return;
    const said = readMessages(text);
    if (said.ok) return said.messages.forEach(on.message);
    if (said.isBeyond) return on.beyond(said.problem);
    strays += 1;
    on.stray(text);
  }

  /** A large message in a turn of its own; what comes behind it waits. */
  function take(line: Buffer): void {
    const own = ownTurn(line.length);
    if (own === undefined && turn === undefined) return read(line);
    const before = turn;
    const mine = (async () => {
      await before;
      await own;
      read(line);
    })();
    turn = mine;
    void mine.then(() => {
      if (turn === mine) turn = undefined;
    });
  }

  const lines = createLines((line) => {
    if (isOver) return;
    if (line !== undefined) return take(line);
    isOver = true;
    on.tooLong();
  }, maxLineBytes);

  pipe.on("data", (chunk) => {
    if (!isOver) lines.write(chunk);
  });
  pipe.on("error", () => {}); // A broken pipe is an ended pipe; unheard, it would end the worker.
  pipe.on("end", () => {
    lines.end();
    on.end();
  });

  return {
    strays: () => strays,
    settled: async () => {
      while (turn !== undefined) await turn;
    },
  };
}
