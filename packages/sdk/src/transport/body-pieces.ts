/**
 * What a body brings, as it comes. It is read no faster than it is taken, and given up when it is taken no longer.
 * Through a reader: not every browser lets a body be iterated.
 */
export async function* bodyPieces(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
