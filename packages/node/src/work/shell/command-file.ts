import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** The file that a session's shell sources: the command of the moment, readable by its owner alone. */
export interface CommandFile {
  readonly path: string;
  write(command: string): void;
  /** A command may hold a password: it does not stay longer than it must. */
  clear(): void;
  close(): void;
}

/** Kept open: opening a file to replace its content costs a flush on some file systems, a millisecond. */
export function createCommandFile(path: string): CommandFile {
  let fd = open(path);
  return {
    path,
    write(command) {
      if (!existsSync(path)) {
        // A cleaner of old files was here.
        closeSync(fd);
        fd = open(path);
      }
      const bytes = Buffer.from(command);
      ftruncateSync(fd, bytes.length);
      writeSync(fd, bytes, 0, bytes.length, 0);
    },
    clear: () => ftruncateSync(fd, 0),
    close: () => closeSync(fd),
  };
}

function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, "w", 0o600);
}
