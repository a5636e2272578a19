import { AppError, isAppError } from "@yardmaster/protocol/core";
import { errorLine, isRequest, type Message, PARSE_ERROR, UNREACHABLE } from "./json-rpc.ts";
import { mayBeTold, type ServerSide } from "./server-side.ts";

/** Above the largest body that a server takes unless it is told otherwise. */
const MAX_LINE_CHARS = 16 * 2 ** 20;
/** Between two tries to hear of changes. */
const LISTEN_AGAIN_MS = 1_000;
/** Its answer lasts as long as the client. */
const LASTING = "subscriptions/listen";

export interface BridgeDeps {
  readonly server: ServerSide;
  /** One line of the protocol to the client. */
  readonly write: (line: string) => void;
  readonly say: (text: string) => void;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In the words of a shell, where the server speaks of headers. */
  readonly inWords: (error: AppError) => Promise<AppError>;
  readonly signal: AbortSignal;
}

/** Between a client that reads and writes lines and a server that is asked over HTTP. */
export interface Bridge {
  take(text: string): void;
  /** Resolves when all that was asked is answered. */
  end(): Promise<void>;
}

export function createBridge({ server, write, say, pause, inWords, signal }: BridgeDeps): Bridge {
  const closing = new AbortController();
  const over = AbortSignal.any([signal, closing.signal]);
  const open = new Map<string | number, AbortController>();
  const answering = new Set<Promise<void>>();
  const lasting = new Set<Promise<void>>();
  let decoderRest = "";

  function takeLine(text: string): void {
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      write(
        errorLine(
          undefined,
          PARSE_ERROR,
          "A line that is no JSON: each message stands on one line",
        ),
      );
      return;
    }
    const isLasting = message?.method === LASTING;
    const among = isLasting ? lasting : answering;
    const done = pass(text, message ?? {}).finally(() => among.delete(done));
    among.add(done);
    if (mayBeTold(message ?? {})) {
      const hearing = hear().finally(() => lasting.delete(hearing));
      lasting.add(hearing);
    }
  }

  async function pass(text: string, message: Message): Promise<void> {
    const canceling = new AbortController();
    if (isRequest(message)) open.set(message.id, canceling);
    try {
      const either = AbortSignal.any([over, canceling.signal]);
      for await (const line of server.send(text, message, either)) write(line);
    } catch (error) {
      // A call that was cancelled is not answered.
      if (!canceling.signal.aborted && !over.aborted) await refuse(message, error);
    } finally {
      if (isRequest(message) && open.get(message.id) === canceling) open.delete(message.id);
      cancelled(message);
    }
  }

  function cancelled({ method, params }: Message): void {
    const id = params?.requestId;
    if (method === "notifications/cancelled" && id !== undefined) open.get(id)?.abort();
  }

  async function refuse(message: Message, error: unknown): Promise<void> {
    const given = isAppError(error)
      ? error
      : new AppError("internal", String(error), { cause: error });
    const { code, message: words } = await inWords(given);
    say(words);
    if (isRequest(message)) write(errorLine(message.id, UNREACHABLE, words, { code }));
  }

  /** Of the server's own messages: none is lost that matters, since a client that lists again sees what is there. */
  async function hear(): Promise<void> {
    while (!over.aborted) {
      try {
        for await (const line of server.listen(over)) write(line);
      } catch (error) {
        // A server that is away is told of by the next request; one that refuses will do so again.
        if (isAppError(error) && error.code !== "unavailable") return;
      }
      await pause(LISTEN_AGAIN_MS, over).catch(() => undefined);
    }
  }

  return {
    take(text) {
      const lines = (decoderRest + text).split("\n");
      decoderRest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") takeLine(line);
      if (decoderRest.length <= MAX_LINE_CHARS) return;
      decoderRest = "";
      write(errorLine(undefined, PARSE_ERROR, `A line of more than ${MAX_LINE_CHARS} characters`));
    },
    async end() {
      if (decoderRest.trim() !== "") takeLine(decoderRest);
      await Promise.all(answering);
      closing.abort();
      await Promise.all(lasting);
    },
  };
}
