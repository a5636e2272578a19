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

  /** A cleaner of old files was here. */
  const openAnew = (): void => {
    const before = fd;
    fd = open(path);
    closeSync(before);
  };

  return {
    path,
    write(command) {
      if (!existsSync(path)) openAnew();
      ftruncateSync(fd, 0);
      writeAll(fd, Buffer.from(command));
    },
    clear: () => ftruncateSync(fd, 0),
    close: () => closeSync(fd),
  };
}

/** On a disk that is nearly full a write may take a part, and half a command may be another one. @throws Error of the system */
function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
}

function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, "w", 0o600);
}
