/** Sends so many bytes at most at once; the API takes no more. */
const MAX_BYTES = 64 * 1024;
/** More than this waits in the pipe, and so with whoever writes into it. */
const ENOUGH_BYTES = 256 * 1024;

export interface InputSender {
  /** Resolves when there is room for more. Never rejects. */
  push(bytes: Uint8Array): Promise<void>;
  /** Nothing more comes. */
  end(): void;
  /** What waits is not sent any more. */
  stop(): void;
}

export interface InputPiece {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** Sends input piece by piece in its order; what comes while a piece is on its way goes together in the next. */
export function createInputSender(
  send: (piece: InputPiece) => Promise<void>,
  onFailed: (error: unknown) => void,
): InputSender {
  let waiting = Buffer.alloc(0);
  let isEnded = false;
  let isSending = false;
  let isStopped = false;
  let onRoom: (() => void)[] = [];

  async function sendOn(): Promise<void> {
    isSending = true;
    let wasLast = false;
    while (!isStopped && !wasLast && (waiting.length > 0 || isEnded)) {
      const bytes = waiting.subarray(0, MAX_BYTES);
      waiting = waiting.subarray(bytes.length);
      wasLast = isEnded && waiting.length === 0;
      await send({ bytes, isLast: wasLast }).catch((error: unknown) => {
        if (!isStopped) onFailed(error);
        stop();
      });
      if (waiting.length < ENOUGH_BYTES) letMoreCome();
    }
    isSending = false;
  }

  function letMoreCome(): void {
    const waiters = onRoom;
    onRoom = [];
    for (const resolve of waiters) resolve();
  }

  function stop(): void {
    isStopped = true;
    waiting = Buffer.alloc(0);
    letMoreCome();
  }

  function start(): void {
    if (!isSending && !isStopped) void sendOn();
  }

  return {
    async push(bytes) {
      if (isStopped) return;
      waiting = Buffer.concat([waiting, bytes]);
      start();
      if (waiting.length >= ENOUGH_BYTES)
        await new Promise<void>((resolve) => {
          onRoom.push(resolve);
        });
    },
    end() {
      isEnded = true;
      start();
    },
    stop,
  };
}
