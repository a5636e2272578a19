import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "@yardmaster/protocol";
import type { Route } from "../route.ts";

/** Refuses what a JSON route would have to guess: another content type, none, or a compressed body. */
export function checkContentType(route: Route, headers: IncomingHttpHeaders): void {
  if (route.body === undefined || route.rawBody === true) return;
  const header = headers["content-type"];
  // What nearly everybody sends, without a split.
  if (header !== "application/json" && !isJson(header)) {
    const got = header === undefined ? "none" : `"${header.slice(0, 100)}"`;
    throw new AppError(
      "unsupported_media_type",
      `The content type is ${got}; send JSON with "Content-Type: application/json"`,
    );
  }
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new AppError("unsupported_media_type", "Compressed bodies are not read; send plain JSON");
  }
}

function isJson(header: string | undefined): boolean {
  return header?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}
