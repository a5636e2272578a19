import {
  CLOSE,
  type Decoded,
  decodeBinary,
  decodeFrame,
  type FrameFlaw,
  isCarried,
  type Sealing,
  type ServerFrame,
} from "@yardmaster/protocol/node";
import type { Message } from "../reader.ts";

/** What a message means for the session. `broken` ends it with a close code. */
export type Receipt =
  | { readonly frame: ServerFrame }
  | { readonly unknown: string; readonly id?: string }
  | { readonly flaw: FrameFlaw }
  | { readonly broken: number; readonly why: string };

export interface ReceiveOptions {
  readonly capabilities: ReadonlySet<string>;
  /** Under end-to-end encryption. */
  readonly sealing: Sealing | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
}

const FLAWS_MOST = 3;
const FLAWS_WITHIN_MS = 60_000;

/**
 * Turns messages of the server into frames. One that is wrong is told, the third within a minute ends the session:
 * a server that errs once must not lose its node, one that errs on and on is not worth talking to.
 */
export function createReceive({ capabilities, sealing, now }: ReceiveOptions) {
  const flawedAtMs: number[] = [];

  function judged(decoded: Decoded<ServerFrame>): Receipt {
    if ("flaw" in decoded) return tooMany() ?? decoded;
    if ("unknown" in decoded) return decoded;
    const frame = decoded.ok;
    // What was not agreed on is as good as unknown.
    return isCarried(frame.type, capabilities)
      ? { frame }
      : { unknown: frame.type, ...idOf(frame) };
  }

  function tooMany(): Receipt | undefined {
    const sinceMs = now() - FLAWS_WITHIN_MS;
    while (flawedAtMs[0] !== undefined && flawedAtMs[0] <= sinceMs) flawedAtMs.shift();
    flawedAtMs.push(now());
    if (flawedAtMs.length < FLAWS_MOST) return undefined;
    return { broken: CLOSE.bad_frames, why: "the server sent three bad messages within a minute" };
  }

  function receive({ bytes, isBinary }: Message): Receipt {
    if (isBinary) return sealing === undefined ? ofBinary(bytes) : plain();
    const decoded = decodeFrame(bytes.toString("utf8"), "from_server");
    if (sealing === undefined) return isEnc(decoded) ? unasked() : judged(decoded);
    return isEnc(decoded) ? opened(decoded.ok.data, sealing) : plain();
  }

  function ofBinary(bytes: Buffer): Receipt {
    if (!capabilities.has("binary")) return { unknown: "binary message" };
    return judged(decodeBinary(bytes, "from_server"));
  }

  function opened(data: string, { open }: Sealing): Receipt {
    const inner = open(data);
    if ("flaw" in inner)
      return { broken: CLOSE.bad_frames, why: `an encrypted message is ${inner.flaw}` };
    const decoded = decodeFrame(inner.ok, "from_server");
    return isEnc(decoded) ? unasked() : judged(decoded);
  }

  return receive;
}

type Enc = { readonly ok: Extract<ServerFrame, { type: "enc" }> };

function isEnc(decoded: Decoded<ServerFrame>): decoded is Enc {
  return "ok" in decoded && decoded.ok.type === "enc";
}

/** Whoever stands between could have put it in. */
function plain(): Receipt {
  return { broken: CLOSE.bad_frames, why: "a message came in clear on an encrypted session" };
}

function unasked(): Receipt {
  return { unknown: "enc" };
}

function idOf(frame: ServerFrame): { id?: string } {
  return "id" in frame && frame.id !== undefined ? { id: frame.id } : {};
}
