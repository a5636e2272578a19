import type { AgentEvent } from "../agent-event.ts";

export interface Spoken {
  /** A piece of a message; with another name than the piece before it, it begins another. */
  say(text: string, message: string | undefined): void;
  think(text: string): void;
  /** It does something else: what it says then is another message. */
  isInterrupted(): void;
  /** Tells what is not told yet. */
  flush(): void;
  /** It is asked for something: no word of before is an answer to it. */
  begin(): void;
  /** Its last message. */
  lastWords(): string;
}

/** A line of the log bears as much; what has no end of a line is told in parts. */
const MOST_UNTOLD_CHARS = 4_000;

export interface WordsOptions {
  /** Of its last message no more is kept, but for the piece that went beyond. */
  readonly mostChars: number;
  /** A text as everybody may read it: a secret may come in two pieces, of which none is one. */
  readonly clean: (text: string) => string;
}

/** Puts together what an agent says by the word: told line by line as it comes, and its last message kept. */
export function createSpoken(
  onEvent: (event: AgentEvent) => void,
  { mostChars, clean }: WordsOptions,
): Spoken {
  let last = "";
  let lastMessage: string | undefined;
  let isOver = false;
  let untold = "";
  let isThought = false;

  function flush(): void {
    const text = clean(untold);
    untold = "";
    if (text.trim() === "") return;
    onEvent(isThought ? { type: "thought", text } : { type: "said", text });
  }

  function gather(text: string, asThought: boolean): void {
    if (isThought !== asThought) flush();
    isThought = asThought;
    untold += text;
    const lineEnd = asThought ? -1 : untold.lastIndexOf("\n");
    if (lineEnd >= 0) {
      const rest = untold.slice(lineEnd + 1);
      untold = untold.slice(0, lineEnd);
      flush();
      untold = rest;
    }
    if (untold.length > MOST_UNTOLD_CHARS) flush();
  }

  return {
    say(text, message) {
      const isNew = message !== undefined && lastMessage !== undefined && message !== lastMessage;
      if (isNew) flush();
      if (isNew || isOver) {
        // Space before the first word begins no message.
        if (text.trim() === "") return;
        last = "";
      }
      isOver = false;
      lastMessage = message ?? lastMessage;
      if (last.length <= mostChars) last += text;
      gather(text, false);
    },
    think: (text) => gather(text, true),
    isInterrupted() {
      flush();
      isOver = true;
    },
    flush,
    begin() {
      flush();
      last = "";
      isOver = false;
      lastMessage = undefined;
    },
    lastWords: () => clean(last.trim()),
  };
}
