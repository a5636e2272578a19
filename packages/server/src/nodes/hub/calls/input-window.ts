import { NODE_FLOW } from "@yardmaster/protocol/node";

/** A piece of input, as large as a frame holds. `taken`: the link has it; may be called more than once. */
export interface Piece {
  readonly data: Buffer;
  readonly eof: boolean;
  readonly taken: () => void;
}

export interface InputFrame {
  readonly type: "exec_input";
  readonly seq: number;
  readonly data: Buffer;
  readonly eof?: boolean;
}

/**
 * The input of a call that is on its way, numbered from 1. Where the node acknowledges, it is kept until then, and no
 * more is on its way than NODE_FLOW says; where it does not, there is always room, and nothing is kept.
 */
export interface InputWindow {
  readonly isAcked: boolean;
  /** The highest number that was sent. */
  readonly lastSeq: number;
  /** How many were sent and not acknowledged. */
  readonly unread: number;
  hasRoomFor(piece: Piece): boolean;
  send(piece: Piece): void;
  /** False: the node does not owe it. */
  ack(seq: number): boolean;
  /** Over another link: what was not acknowledged may not have come. */
  sayAgain(): void;
  /** Numbers from 1 once more. Answers what was sent and not acknowledged. */
  restart(isAcked: boolean): Piece[];
}

export function createInputWindow(
  send: (frame: InputFrame, taken: () => void) => void,
): InputWindow {
  /** The first of them has the number behind the last acknowledged one. */
  let unread: Piece[] = [];
  let unreadBytes = 0;
  let isAcked = false;
  let lastSeq = 0;

  function say(seq: number, { data, eof, taken }: Piece): void {
    send({ type: "exec_input", seq, data, ...(eof && { eof }) }, taken);
  }

  return {
    get isAcked() {
      return isAcked;
    },
    get lastSeq() {
      return lastSeq;
    },
    get unread() {
      return unread.length;
    },
    hasRoomFor({ data }) {
      const { inputAheadBytes, inputAheadPieces } = NODE_FLOW;
      if (!isAcked) return true;
      return unread.length < inputAheadPieces && unreadBytes + data.length <= inputAheadBytes;
    },
    send(piece) {
      if (isAcked) {
        unread.push(piece);
        unreadBytes += piece.data.length;
      }
      lastSeq++;
      say(lastSeq, piece);
    },
    ack(seq) {
      const read = seq - (lastSeq - unread.length);
      if (read <= 0 || read > unread.length) return false;
      for (const { data } of unread.splice(0, read)) unreadBytes -= data.length;
      return true;
    },
    sayAgain() {
      const ackedSeq = lastSeq - unread.length;
      for (const [at, piece] of unread.entries()) say(ackedSeq + at + 1, piece);
    },
    restart(willBeAcked) {
      const again = unread;
      unread = [];
      unreadBytes = 0;
      lastSeq = 0;
      isAcked = willBeAcked;
      return again;
    },
  };
}
