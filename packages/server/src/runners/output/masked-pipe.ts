import type { MaskedStream } from "../masking/index.ts";
import type { OutputPipe } from "../process/start.ts";

/** A pipe whose bytes are masked before anybody here sees them. What is held back is given when it is destroyed. */
export function maskedPipe(source: OutputPipe, stream: MaskedStream): OutputPipe {
  let listener = (_: Buffer): void => {};
  const give = (bytes: Buffer): void => {
    if (bytes.length > 0) listener(bytes);
  };
  return {
    on(event: "data" | "error" | "end", to: (given: never) => void) {
      if (event !== "data") return source.on(event as "end", to as () => void);
      listener = to as (chunk: Buffer) => void;
      return source.on("data", (chunk) => give(stream.write(chunk)));
    },
    pause: () => source.pause(),
    resume: () => source.resume(),
    destroy() {
      source.destroy();
      give(stream.end());
    },
  };
}
