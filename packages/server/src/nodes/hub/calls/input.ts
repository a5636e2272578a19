import { AppError } from "@yardmaster/protocol";
import { NODE_LIMITS } from "@yardmaster/protocol/node";
import { createInputWindow, type InputFrame, type Piece } from "./input-window.ts";

/** What is typed into a command. */
export interface Input {
  /**
   * Resolves when the link has taken it; where the link is lost meanwhile, when the call ends. Of a node that
   * acknowledges, it waits before that until the command has read enough of what came before.
   * @throws AppError `node_busy` where the command did not, in time, and `not_found` where the call ended before: then
   * nothing of it was sent. `conflict` behind the end of the input.
   */
  give(bytes: Uint8Array, eof: boolean): Promise<void>;
  /**
   * The call is sent, or once more to a node that never got it: from the first piece on. `whole` is all of it, and its
   * end; nobody waits for that.
   */
  begin(how: { readonly isAcked: boolean; readonly whole: Uint8Array | undefined }): void;
  /** False: the node does not owe it. */
  ack(seq: number): boolean;
  /** The call goes on over another link. */
  goOn(): void;
  /** The call has ended. */
  close(): void;
  /** Whether any was sent. */
  hasBegun(): boolean;
  /** Whether the call may be sent once more with all of its input. */
  isRepeatable(): boolean;
  /** Whether the node acknowledges it: then it outlasts its link. */
  isAcked(): boolean;
  /** How many acknowledgements the node may still send. */
  owed(): number;
}

export interface InputDeps {
  readonly send: (frame: InputFrame, taken: () => void) => void;
  /** Of the node. */
  readonly node: string;
  /** How long a piece waits for the command to read. */
  readonly waitMs: number;
}

interface Giver {
  resolve(): void;
  reject(error: AppError): void;
}

/** Who gives one piece after the other has one of them waiting. */
const WAITING_MOST = 64;

export function createInput({ send, node, waitMs }: InputDeps): Input {
  const window = createInputWindow(send);
  const givers = new Map<Piece, Giver>();
  let waiting: Piece[] = [];
  let isOver = false;
  let isWhole = false;

  function sendOn(): void {
    for (
      let [piece] = waiting;
      piece !== undefined && window.hasRoomFor(piece);
      [piece] = waiting
    ) {
      waiting.shift();
      isOver = piece.eof;
      window.send(piece);
    }
  }

  function unread(): AppError {
    const detail = `The command on node ${node} has not read the input before for ${waitMs / 1_000} s, and nothing of this piece was taken: give it again`;
    return new AppError("node_busy", detail);
  }

  function withdraw(piece: Piece): void {
    const at = waiting.indexOf(piece);
    if (at === -1) return;
    waiting.splice(at, 1);
    givers.get(piece)?.reject(unread());
    sendOn();
  }

  function give(data: Buffer, eof: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const piece: Piece = { data, eof, taken: () => givers.get(piece)?.resolve() };
      let timer: NodeJS.Timeout | undefined;
      const settled = (): void => {
        clearTimeout(timer);
        givers.delete(piece);
      };
      givers.set(piece, {
        resolve() {
          settled();
          resolve();
        },
        reject(error) {
          settled();
          reject(error);
        },
      });
      waiting.push(piece);
      sendOn();
      if (waiting.includes(piece)) timer = setTimeout(() => withdraw(piece), waitMs);
    });
  }

  return {
    async give(bytes, eof) {
      if (isOver || waiting.at(-1)?.eof === true)
        throw new AppError("conflict", "The input of this call has ended already");
      if (waiting.length >= WAITING_MOST) {
        const detail = `${WAITING_MOST} pieces of input wait already for the command on node ${node} to read: give one after the other`;
        throw new AppError("node_busy", detail);
      }
      await give(Buffer.from(bytes), eof);
    },
    begin({ isAcked, whole }) {
      isWhole = whole !== undefined;
      const again = window.restart(isAcked);
      waiting = whole === undefined ? [...again, ...waiting] : piecesOf(whole);
      sendOn();
    },
    ack(seq) {
      const isOwed = window.ack(seq);
      if (isOwed) sendOn();
      return isOwed;
    },
    goOn: window.sayAgain,
    close() {
      const ended = `The call on node ${node} has ended before it took this input`;
      for (const [piece, giver] of [...givers]) {
        if (waiting.includes(piece)) giver.reject(new AppError("not_found", ended));
        else giver.resolve();
      }
      waiting = [];
      window.restart(false);
    },
    hasBegun: () => window.lastSeq > 0,
    isRepeatable: () => isWhole || window.unread === window.lastSeq,
    isAcked: () => window.isAcked,
    owed: () => window.unread,
  };
}

function piecesOf(whole: Uint8Array): Piece[] {
  const all = Buffer.from(whole);
  const pieces: Piece[] = [];
  for (let at = 0; at === 0 || at < all.length; at += NODE_LIMITS.inputBytes) {
    const data = all.subarray(at, at + NODE_LIMITS.inputBytes);
    pieces.push({ data, eof: at + data.length >= all.length, taken: () => undefined });
  }
  return pieces;
}
