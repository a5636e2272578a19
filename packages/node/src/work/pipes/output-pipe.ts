import { closeSync, constants, openSync, readSync } from "node:fs";
import { Socket } from "node:net";
import type { PipeFolder } from "./pipe-folder.ts";

/** Where the bytes of a pipe go. They are a view of a shared buffer: who keeps them copies them. */
export type OnBytes = (bytes: Buffer) => void;

/** The reading end of a named pipe. */
export interface OutputPipe {
  readonly path: string;
  /** Closes our own writing end, which kept the pipe from ending before the process had it: it ends with its last writer. */
  closeWriter(): void;
  /** Begins to read as bytes come. Before it, nothing is read. */
  start(): void;
  pause(): void;
  resume(): void;
  /**
   * Whoever wrote has ended: reads what the pipe holds now, paused or not, since that is little. What others write
   * later is not the call's: it is read and dropped until they end, so that it neither blocks nor kills them.
   */
  finish(): void;
  /** Reads no more. Who writes on gets a broken pipe. */
  destroy(): void;
}

const READ_BYTES = 64 * 1024;
/** More than any pipe holds unless somebody enlarged it: beyond, a late writer writes as fast as we read. */
const PIPE_MOST_BYTES = 1024 * 1024;

/** For all pipes together: it is empty again before the next one is read. */
const shared = Buffer.allocUnsafe(READ_BYTES);

/** Opens a pipe of a folder for reading; it goes back there by itself. */
export function openOutputPipe(folder: PipeFolder, path: string, onBytes: OnBytes): OutputPipe {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openWriter(path, reader);
  let socket: Socket | undefined;
  let isWriterOpen = true;
  let isPaused = false;
  let isFinished = false;
  let hasEnded = false;
  let endReadOn: (() => void) | undefined;

  /** Nobody writes any more. */
  const end = (): void => close(folder.giveBack);

  /** Somebody may have it open still. */
  const leave = (): void => close(folder.remove);

  const close = (handOver: PipeFolder["giveBack"]): void => {
    if (hasEnded) return;
    hasEnded = true;
    closeWriter();
    if (socket === undefined) closeSync(reader);
    else socket.destroy();
    endReadOn?.();
    handOver(path);
  };

  const closeWriter = (): void => {
    if (!isWriterOpen) return;
    isWriterOpen = false;
    closeSync(writer);
  };

  const attach = (): void => {
    const callback = (bytes: number): boolean => {
      if (!isFinished) onBytes(shared.subarray(0, bytes));
      return !isPaused || isFinished;
    };
    const onread = { buffer: shared, callback }; // Unknown to the types of this constructor.
    const options = { fd: reader, readable: true, writable: false, onread };
    socket = new Socket(options);
    socket.on("error", leave);
    socket.on("end", end);
    socket.resume();
  };

  /** All of the call's is read; somebody else still has the pipe open. */
  const settle = (): void => {
    isFinished = true;
    if (socket === undefined) attach();
    else socket.resume();
    socket?.unref();
    endReadOn = folder.readOn(leave);
  };

  return {
    path,
    closeWriter,
    start() {
      if (socket === undefined && !hasEnded) attach();
    },
    pause() {
      isPaused = true;
      socket?.pause();
    },
    resume() {
      isPaused = false;
      if (!hasEnded) socket?.resume();
    },
    finish() {
      closeWriter();
      socket?.pause();
      let bytes = 0;
      while (!hasEnded) {
        const got = readNow(reader);
        if (got === 0) return end();
        if (got === undefined || bytes > PIPE_MOST_BYTES) return settle();
        bytes += got;
        onBytes(shared.subarray(0, got));
      }
    },
    destroy: leave,
  };
}

/** A reader is there, so this does not wait. */
function openWriter(path: string, reader: number): number {
  try {
    return openSync(path, constants.O_WRONLY);
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

/** Bytes read into the shared buffer; 0 at the end, undefined where there is nothing now. */
function readNow(fd: number): number | undefined {
  try {
    return readSync(fd, shared, 0, READ_BYTES, null);
  } catch {
    return undefined;
  }
}
