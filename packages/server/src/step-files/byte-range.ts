export interface ByteRange {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/**
 * What a `Range` header asks for (RFC 9110, one range of bytes): "whole" where there is none, or one that is not
 * understood; "unsatisfiable" where nothing of the content lies in it.
 */
export function byteRange(
  header: string | undefined,
  bytes: number,
): ByteRange | "whole" | "unsatisfiable" {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(" ", "") ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (first === "" && last === "") return "whole";
  if (first === "") {
    const from = Math.max(0, bytes - Number(last));
    return from < bytes ? { from, to: bytes } : "unsatisfiable";
  }
  const from = Number(first);
  const to = last === "" ? bytes : Math.min(bytes, Number(last) + 1);
  if (last !== "" && Number(last) < from) return "whole";
  return from < bytes ? { from, to } : "unsatisfiable";
}
