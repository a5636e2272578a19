/**
 * What server and spawner say to each other over one socket: a head of 9 bytes (length of the body, kind,
 * number of the process) and a body.
 */
export const FRAME = {
  /** To the server: it can be given work. */
  ready: 0,
  /** To the spawner: a `ProcessStart` as JSON. */
  start: 1,
  /** To the server: the pid, as JSON. */
  started: 2,
  /** To the server: a `StartFailure` as JSON. */
  failed: 3,
  /** To the server: what it printed, as it came. */
  stdout: 4,
  stderr: 5,
  /** To the server: the pipe was read to its end. */
  stdoutEnd: 6,
  stderrEnd: 7,
  /** To the server: `[code, signal]` as JSON. */
  exit: 8,
  /** To the spawner: read the pipe no further, read on, close it. */
  stdoutPause: 9,
  stderrPause: 10,
  stdoutResume: 11,
  stderrResume: 12,
  stdoutDestroy: 13,
  stderrDestroy: 14,
  /** To the spawner: close the stdin that the process has kept. */
  stdinEnd: 15,
  /** To the spawner: more for the stdin that the process has kept. */
  stdinWrite: 16,
} as const;

export interface StartFailure {
  readonly message: string;
  readonly code?: string;
}

const HEAD_BYTES = 9;
const NOTHING = Buffer.alloc(0);

/** The bytes of a frame's head and body, to be written one after the other. */
export function frameOf(kind: number, id: number, body: Buffer | string = NOTHING): Buffer[] {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32LE(bytes.length, 0);
  head.writeUInt8(kind, 4);
  head.writeUInt32LE(id, 5);
  return bytes.length === 0 ? [head] : [head, bytes];
}

/** Takes the bytes of a socket as they come, gives whole frames. */
export function frameReader(
  onFrame: (kind: number, id: number, body: Buffer) => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let bytes = 0;
  let wanted = HEAD_BYTES;
  return (chunk) => {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes < wanted) return; // A long body is put together once, not with every chunk of it.
    const all = parts.length === 1 ? chunk : Buffer.concat(parts);
    let at = 0;
    for (;;) {
      wanted = HEAD_BYTES;
      if (all.length - at < wanted) break;
      wanted += all.readUInt32LE(at);
      if (all.length - at < wanted) break;
      onFrame(
        all.readUInt8(at + 4),
        all.readUInt32LE(at + 5),
        all.subarray(at + HEAD_BYTES, at + wanted),
      );
      at += wanted;
    }
    parts = at === all.length ? [] : [all.subarray(at)];
    bytes = all.length - at;
  };
}

/** Writes the frames of one turn of the event loop together: a write for each would cost more than they do. */
export function frameWriter(socket: {
  cork(): void;
  uncork(): void;
  write(bytes: Buffer): boolean;
}): (kind: number, id: number, body?: Buffer | string) => boolean {
  let corked = false;
  const flush = (): void => {
    corked = false;
    socket.uncork();
  };
  return (kind, id, body) => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(flush);
    }
    let room = true;
    for (const bytes of frameOf(kind, id, body)) room = socket.write(bytes);
    return room;
  };
}
