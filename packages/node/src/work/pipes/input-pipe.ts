import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";

/** Our end of a pipe that a process reads as its stdin. */
export interface InputPipe {
  readonly path: string;
  /** False: more than a megabyte waits to be read; nothing was taken. */
  write(bytes: Buffer): boolean;
  /** The process reads to the end once it has read what was written. */
  end(): void;
  /** The process has opened its end. Before that the pipe must not end. */
  opened(): void;
  destroy(): void;
}

const WAITING_MOST_BYTES = 1024 * 1024;

/** Opened for both directions: as a writer alone it would wait for the reader. */
export function openInputPipe(path: string): InputPipe {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: false, writable: true });
  let isOpened = false;
  let isEnding = false;

  socket.on("error", () => {}); // Nobody reads any more: the process's right.
  socket.unref();
  const closeWhenWritten = (): void => {
    if (isEnding && isOpened && socket.writableLength === 0) socket.destroy();
  };
  socket.on("drain", closeWhenWritten);

  return {
    path,
    write(bytes) {
      if (isEnding || socket.destroyed) return true; // Dropped, as by a process that reads no more.
      if (socket.writableLength + bytes.length > WAITING_MOST_BYTES) return false;
      socket.write(bytes, closeWhenWritten);
      return true;
    },
    end() {
      isEnding = true;
      closeWhenWritten();
    },
    opened() {
      isOpened = true;
      closeWhenWritten();
    },
    destroy: () => void socket.destroy(),
  };
}

/** The reading end, for a process to inherit. Needs a writer, or it would wait for one. */
export function openInputReader({ path }: InputPipe): number {
  return openSync(path, constants.O_RDONLY);
}

export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
}
