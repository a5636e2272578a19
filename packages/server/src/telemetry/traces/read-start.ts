/** The first `most` bytes of a body, as text; the rest is not read. */
export async function readStart(response: Response, most: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
    bytes += value.byteLength;
    if (bytes < most) continue;
    await reader.cancel();
    return text;
  }
}
