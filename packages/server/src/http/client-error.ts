import type { Socket } from "node:net";
import { ERRORS, type ErrorCode } from "@yardmaster/protocol";
import { PROBLEM_TYPE } from "./problem.ts";

const REASONS: Readonly<Record<string, { code: ErrorCode; line: string; detail: string }>> = {
  HPE_HEADER_OVERFLOW: {
    code: "too_large",
    line: "431 Request Header Fields Too Large",
    detail: "The headers are larger than the limit of 16 KiB",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    code: "invalid_request",
    line: "408 Request Timeout",
    detail: "The request did not arrive in time",
  },
};

const MALFORMED = {
  code: "invalid_request",
  line: "400 Bad Request",
  detail: "This is not an HTTP request",
} as const;

/** Answers what never became a request: it reaches no route and no hook. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, line, detail } = REASONS[error.code ?? ""] ?? MALFORMED;
  const body = JSON.stringify({
    type: `/docs/api#${code}`,
    title: ERRORS[code].title,
    status: Number(line.slice(0, 3)),
    detail,
    code,
    errors: [],
    request_id: "",
  });
  const head = `content-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`HTTP/1.1 ${line}\r\n${head}\r\nconnection: close\r\n\r\n${body}`);
}
