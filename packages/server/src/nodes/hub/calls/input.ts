import { AppError } from "@yardmaster/protocol";
import { NODE_LIMITS } from "@yardmaster/protocol/node";

interface InputFrame {
  readonly type: "exec_input";
  readonly seq: number;
  readonly data: Buffer;
  readonly eof?: boolean;
}

/** What is typed into a command: numbered, in pieces that a frame can hold. */
export interface Input {
  /** Resolves when the link has taken it; where the link is lost meanwhile, when the call ends. */
  give(bytes: Uint8Array, eof: boolean): Promise<void>;
  /** All of it and its end, from the beginning; nothing waits for it. */
  whole(bytes: Uint8Array): void;
  /** Whether any was sent. */
  hasBegun(): boolean;
}

export function createInput(send: (frame: InputFrame, taken: () => void) => void): Input {
  let seq = 0;
  let isOver = false;

  function one(data: Buffer, eof: boolean, taken: () => void): void {
    seq++;
    isOver = eof;
    send({ type: "exec_input", seq, data, ...(eof && { eof }) }, taken);
  }

  return {
    give(bytes, eof) {
      if (isOver)
        return Promise.reject(new AppError("conflict", "The input of this call has ended already"));
      return new Promise((resolve) => one(Buffer.from(bytes), eof, resolve));
    },
    whole(bytes) {
      const all = Buffer.from(bytes);
      seq = 0;
      for (let at = 0; at === 0 || at < all.length; at += NODE_LIMITS.inputBytes) {
        const data = all.subarray(at, at + NODE_LIMITS.inputBytes);
        one(data, at + data.length >= all.length, () => undefined);
      }
    },
    hasBegun: () => seq > 0,
  };
}
