/** stdin where it is read as it comes. */
export interface InputStream {
  readonly isTTY: boolean;
  /** Hands over what comes, the next piece when the one before is taken, until it ends or the way out is called. */
  read(listener: InputListener): () => void;
  /** On a terminal: keys as they are pressed, Ctrl-C among them, and no echo. */
  setRaw(isRaw: boolean): void;
}

export interface InputListener {
  /** Must not reject. */
  onBytes(bytes: Uint8Array): void | Promise<void>;
  onEnd(): void;
}

/** stdin of this process. It is not touched before it is read, and holds nothing up when it is read no more. */
export function processInput(): InputStream {
  return {
    get isTTY() {
      return process.stdin.isTTY === true;
    },
    setRaw: (isRaw) => {
      if (process.stdin.isTTY === true) process.stdin.setRawMode(isRaw);
    },
    read: ({ onBytes, onEnd }) => {
      const { stdin } = process;
      let isStopped = false;
      const onData = async (bytes: Buffer): Promise<void> => {
        stdin.pause();
        await onBytes(bytes);
        if (!isStopped) stdin.resume();
      };
      const onChunk = (bytes: Buffer): void => void onData(bytes);
      stdin.ref?.();
      stdin.on("data", onChunk).once("end", onEnd);
      return () => {
        isStopped = true;
        stdin.off("data", onChunk).off("end", onEnd).pause();
        stdin.unref?.();
      };
    },
  };
}
