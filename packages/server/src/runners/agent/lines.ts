/** A line of an agent may hold a whole file that it has read. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

/** Cuts a stream of bytes into lines. One that is longer than `maxBytes` is given as undefined, once, and not kept. */
export function createLines(
  onLine: (line: string | undefined) => void,
  maxBytes: number = MAX_LINE_BYTES,
) {
  let parts: Buffer[] = [];
  let bytes = 0;

  function take(part: Buffer): void {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  }

  function finish(): void {
    const isWhole = bytes <= maxBytes;
    const line = isWhole ? Buffer.concat(parts).toString("utf8") : undefined;
    parts = [];
    bytes = 0;
    if (line?.trim() !== "") onLine(line);
  }

  return {
    write(chunk: Buffer): void {
      let begin = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, begin)) {
        take(chunk.subarray(begin, end));
        finish();
        begin = end + 1;
      }
      if (begin < chunk.length) take(chunk.subarray(begin));
    },
    /** What came last, without a line end. */
    end(): void {
      if (bytes > 0) finish();
    },
  };
}
