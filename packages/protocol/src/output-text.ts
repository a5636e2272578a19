/** Output as JSON can hold it. `b64`: its bytes, where they are no UTF-8 and `text` has U+FFFD for what is none. */
export interface OutputText {
  readonly text: string;
  readonly b64: string | undefined;
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });

export function outputText(bytes: Uint8Array): OutputText {
  try {
    return { text: STRICT.decode(bytes), b64: undefined };
  } catch {
    return { text: LENIENT.decode(bytes), b64: base64(bytes) };
  }
}

/** What a result says of both streams of a command. */
export function outputFields(
  stdout: Uint8Array,
  stderr: Uint8Array,
): { stdout: string; stderr: string; stdout_b64?: string; stderr_b64?: string } {
  const [out, err] = [outputText(stdout), outputText(stderr)];
  return {
    stdout: out.text,
    stderr: err.text,
    ...(out.b64 !== undefined && { stdout_b64: out.b64 }),
    ...(err.b64 !== undefined && { stderr_b64: err.b64 }),
  };
}

/** Whole groups of three bytes, as many as a call takes for its arguments. */
const PART_BYTES = 3 * 8_192;

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PART_BYTES)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PART_BYTES)));
  return text;
}
