import type { WebSocket } from "ws";

const MIB = 1024 * 1024;

export interface OutboxOptions {
  /** What is handed to the socket at a time: little, so that a pong overtakes output. */
  readonly inFlightBytes?: number;
  /** Above it, senders are asked to wait. */
  readonly fullBytes?: number;
  /** Above it, something does not keep to that, and the link is given up. */
  readonly mostBytes?: number;
  /** How long a write may take, beside what its size needs on a slow line. */
  readonly writeMs: number;
  /** The socket takes nothing any more, or too much is queued. Called once. */
  readonly onStuck: (why: string) => void;
}

/** The one writer of a socket: whole messages, in order, but for urgent ones that go first. */
export interface Outbox {
  send(message: Buffer, options: { isBinary: boolean; isUrgent: boolean }): "sent" | "full";
  /** Resolves when there is room again, or the outbox is closed. */
  drained(): Promise<void>;
  /** Resolves when everything has been handed to the operating system, or the outbox is closed. */
  flushed(): Promise<void>;
  /** Drops what is queued and lets go of whoever waits. */
  close(): void;
}

interface Queued {
  readonly message: Buffer;
  readonly isBinary: boolean;
}

/** The slowest line that is waited for: 32 bytes a millisecond. */
const SLOW_BYTES_PER_MS = 32;

type Socket = Pick<WebSocket, "send">;

export function createOutbox(
  socket: Socket,
  {
    inFlightBytes = MIB,
    fullBytes = 4 * MIB,
    mostBytes = 64 * MIB,
    writeMs,
    onStuck,
  }: OutboxOptions,
): Outbox {
  const urgent: Queued[] = [];
  const queue: Queued[] = [];
  let queuedBytes = 0;
  let inFlight = 0;
  let isClosed = false;
  let deadline: NodeJS.Timeout | undefined;
  const forRoom: (() => void)[] = [];
  const forEmpty: (() => void)[] = [];

  function pump(): void {
    while (!isClosed && inFlight < inFlightBytes) {
      const next = urgent.shift() ?? queue.shift();
      if (next === undefined) break;
      write(next);
    }
    if (queuedBytes < fullBytes) release(forRoom);
    if (queuedBytes === 0) release(forEmpty);
  }

  function write({ message, isBinary }: Queued): void {
    inFlight += message.length;
    watch();
    socket.send(message, { binary: isBinary }, () => {
      inFlight -= message.length;
      queuedBytes -= message.length;
      watch();
      pump();
    });
  }

  /** Every message that gets through gives the rest new time. */
  function watch(): void {
    clearTimeout(deadline);
    if (inFlight === 0 || isClosed) return;
    const ms = writeMs + inFlight / SLOW_BYTES_PER_MS;
    deadline = setTimeout(() => giveUp("the server takes nothing any more"), ms);
  }

  function giveUp(why: string): void {
    if (isClosed) return;
    close();
    onStuck(why);
  }

  function close(): void {
    isClosed = true;
    clearTimeout(deadline);
    urgent.length = 0;
    queue.length = 0;
    queuedBytes = 0;
    release(forRoom);
    release(forEmpty);
  }

  const isFull = () => queuedBytes >= fullBytes && !isClosed;

  return {
    send(message, { isBinary, isUrgent }) {
      if (isClosed) return "sent";
      queuedBytes += message.length;
      (isUrgent ? urgent : queue).push({ message, isBinary });
      if (queuedBytes > mostBytes) giveUp("too much is waiting to be sent");
      else pump();
      return isFull() ? "full" : "sent";
    },
    drained: () => (isFull() ? new Promise((done) => forRoom.push(done)) : Promise.resolve()),
    flushed() {
      if (queuedBytes === 0) return Promise.resolve();
      return new Promise((done) => forEmpty.push(done));
    },
    close,
  };
}

function release(waiting: (() => void)[]): void {
  for (const go of waiting.splice(0)) go();
}
