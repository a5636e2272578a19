import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import type { PipeFolder } from "./pipe-folder.ts";

/** Our end of a pipe that a process reads as its stdin. */
export interface InputPipe {
  readonly path: string;
  /** Resolves when the pipe has taken all of it, or is not there any more. Never rejects. */
  write(bytes: Buffer): Promise<void>;
  /** The process reads to the end once it has read what was written. */
  end(): void;
  /** The process has opened its end. Before that the pipe must not end. */
  opened(): void;
  /** Nobody opens it by name any more. */
  destroy(): void;
}

/**
 * Opens a pipe of a folder, which is removed there when it is destroyed. Opened for both directions: as a writer alone it
 * would wait for the reader.
 */
export function openInputPipe(folder: PipeFolder, path: string): InputPipe {
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
      if (isEnding || socket.destroyed) return Promise.resolve(); // Dropped, as by a process that reads no more.
      return new Promise((resolve) => {
        socket.write(bytes, () => {
          closeWhenWritten();
          resolve();
        });
      });
    },
    end() {
      isEnding = true;
      closeWhenWritten();
    },
    opened() {
      isOpened = true;
      closeWhenWritten();
    },
    destroy() {
      socket.destroy();
      folder.remove(path); // Who was left in the background may still read it.
    },
  };
}
