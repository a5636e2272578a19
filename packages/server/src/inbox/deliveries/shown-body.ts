import type { DeliveryBody } from "@yardmaster/protocol";

/** The beginning of a body as an answer can hold it: as text where it is text, else in base64. */
export function shownBody(body: Buffer, limitBytes: number): DeliveryBody {
  const cut = body.length > limitBytes;
  const start = body.subarray(0, limitBytes);
  const text = textOf(start, cut);
  return text === undefined
    ? { encoding: "base64", value: start.toString("base64"), cut }
    : { encoding: "text", value: text, cut };
}

/** Undefined where it is no UTF-8. A character that the limit has halved is left out. */
function textOf(start: Buffer, isCut: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(start, {
      stream: isCut,
    });
  } catch {
    return undefined;
  }
}
