/**
 * Cuts a stream of bytes into lines, empty ones included. One that is longer than `maxBytes` is given as undefined,
 * once, as soon as it is, and not kept: it may have no end.
 */
export function createLines(onLine: (line: Buffer | undefined) => void, maxBytes: number) {
  let parts: Buffer[] = [];
  let bytes = 0;

  function take(part: Buffer): void {
    const wasWhole = bytes <= maxBytes;
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else if (wasWhole) {
      parts = [];
      onLine(undefined);
    }
  }

  function finish(): void {
    const isWhole = bytes <= maxBytes;
    const line = Buffer.concat(parts);
    parts = [];
    bytes = 0;
    if (isWhole) onLine(line);
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
