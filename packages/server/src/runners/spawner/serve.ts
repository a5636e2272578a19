import type { Socket } from "node:net";
import { signalGroup } from "../process/process-group.ts";
import { feed, type PipedChild, type ProcessStart, spawnPiped, writeTo } from "../process/start.ts";
import { FRAME, frameReader, frameWriter, type StartFailure } from "./frames.ts";

/**
 * Starts processes for the server at the other end of a socket and passes on what they print and how they end.
 * When the socket ends, the server is gone: nobody will take their results, so their groups are killed.
 */
export function serveStarts(socket: Socket, onEnd: () => void): void {
  const children = new Map<number, PipedChild>();
  const waiting: [id: number, body: string][] = [];
  const paused = new Set<NodeJS.ReadableStream>();
  const say = frameWriter(socket);
  let full = false;

  const forEachPipe = (act: (pipe: NodeJS.ReadableStream) => void): void => {
    for (const { stdout, stderr } of children.values()) {
      act(stdout);
      act(stderr);
    }
  };

  const passOn = (pipe: PipedChild["stdout"], id: number, data: number, end: number): void => {
    pipe.on("data", (chunk: Buffer) => {
      if (say(data, id, chunk) || full) return;
      full = true;
      forEachPipe((each) => each.pause());
    });
    pipe.on("error", () => {}); // A broken pipe is an ended pipe.
    pipe.once("close", () => {
      paused.delete(pipe);
      say(end, id);
    });
    if (full) pipe.pause();
  };
  socket.on("drain", () => {
    full = false;
    forEachPipe((each) => {
      if (!paused.has(each)) each.resume();
    });
  });

  const begin = async (id: number, body: string): Promise<void> => {
    const start: ProcessStart = JSON.parse(body);
    const answer = spawnPiped(start);
    const child = answer instanceof Promise ? await answer : answer;
    if (child instanceof Error) {
      say(FRAME.failed, id, JSON.stringify(failureOf(child)));
      return;
    }
    children.set(id, child);
    say(FRAME.started, id, String(child.pid));
    passOn(child.stdout, id, FRAME.stdout, FRAME.stdoutEnd);
    passOn(child.stderr, id, FRAME.stderr, FRAME.stderrEnd);
    child.once("exit", (code, signal) => say(FRAME.exit, id, JSON.stringify([code, signal])));
    child.once("close", () => children.delete(id));
    feed(child.stdin, start);
  };

  /** One start in each turn of the event loop: it blocks for a millisecond, and ends want to be told between. */
  const beginNext = (): void => {
    const next = waiting.shift();
    if (next === undefined) return;
    if (waiting.length > 0) setImmediate(beginNext);
    void begin(...next);
  };

  const act = (kind: number, id: number, body: Buffer): void => {
    const child = children.get(id);
    if (child === undefined) return;
    if (kind === FRAME.stdinWrite) return writeTo(child.stdin, body);
    if (kind === FRAME.stdinEnd) return void child.stdin.end();
    const pipe = STDERR_KINDS.has(kind) ? child.stderr : child.stdout;
    if (kind === FRAME.stdoutDestroy || kind === FRAME.stderrDestroy) pipe.destroy();
    else if (kind === FRAME.stdoutPause || kind === FRAME.stderrPause) {
      paused.add(pipe);
      pipe.pause();
    } else {
      paused.delete(pipe);
      if (!full) pipe.resume();
    }
  };

  const read = frameReader((kind, id, body) => {
    if (kind !== FRAME.start) return act(kind, id, body);
    if (waiting.push([id, body.toString("utf8")]) === 1) setImmediate(beginNext);
  });
  socket.on("data", read);
  socket.on("error", () => {}); // `close` follows.
  socket.once("close", () => {
    for (const { pid } of children.values()) signalGroup(pid, "SIGKILL");
    onEnd();
  });
  say(FRAME.ready, 0);
}

const STDERR_KINDS: ReadonlySet<number> = new Set([
  FRAME.stderrPause,
  FRAME.stderrResume,
  FRAME.stderrDestroy,
]);

function failureOf(error: Error): StartFailure {
  return {
    message: error.message,
    ...("code" in error && { code: String(error.code) }),
  };
}
