import type { PageFile } from "./page-files.ts";

export interface EncodedBody {
  readonly bytes: Buffer;
  /** Of the `Content-Encoding` header; undefined for none. */
  readonly encoding: "br" | "gzip" | undefined;
}

/** The smallest form of a file that an `Accept-Encoding` header allows (RFC 9110 §12.5.3). */
export function acceptedBody(file: PageFile, header: string | string[] | undefined): EncodedBody {
  const accepted = new Set(
    String(header ?? "")
      .split(",")
      .map((coding) => coding.trim().toLowerCase())
      .filter((coding) => !/;\s*q=0(?:\.0*)?$/.test(coding))
      .map((coding) => coding.split(";", 1)[0]),
  );
  if (file.br !== undefined && accepted.has("br")) return { bytes: file.br, encoding: "br" };
  if (file.gzip !== undefined && accepted.has("gzip"))
    return { bytes: file.gzip, encoding: "gzip" };
  return { bytes: file.plain, encoding: undefined };
}
