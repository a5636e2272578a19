import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { type RunningProcess, START_LOST, type StartProcess } from "../process/start.ts";
import type { PipeOrder } from "../remote-pipe.ts";
import { FRAME, frameReader, frameWriter, type StartFailure } from "./frames.ts";
import { createRemoteProcess, type RemoteProcess } from "./remote-process.ts";

/** One spawner process, seen from the server. */
export interface Spawner {
  /** `START_LOST` where it ends before it has answered. */
  readonly start: StartProcess;
  /** No process of it runs or is being started. */
  isIdle(): boolean;
  /** Starts that it was told of and has not carried out. */
  starting(): number;
  readonly pid: number | undefined;
  /** Ends it. */
  close(): void;
}

export interface SpawnerEvents {
  /** It has come up. Starts before that wait. */
  onReady(): void;
  /** It has ended, for whatever reason, or could not be started. */
  onEnd(): void;
}

interface Entry {
  readonly remote: RemoteProcess;
  /** Until it was answered. */
  answer: ((answer: RunningProcess | Error) => void) | undefined;
}

const PIPE_KINDS = {
  stdout: {
    pause: FRAME.stdoutPause,
    resume: FRAME.stdoutResume,
    destroy: FRAME.stdoutDestroy,
  },
  stderr: {
    pause: FRAME.stderrPause,
    resume: FRAME.stderrResume,
    destroy: FRAME.stderrDestroy,
  },
} as const;

/** Starts a spawner by its command line. It never keeps the server's process alive. Throws where it has no pipe. */
export function createSpawner(command: readonly string[], events: SpawnerEvents): Spawner {
  const entries = new Map<number, Entry>();
  const child = spawnSpawner(command);
  const socket = socketOf(child);
  const say = frameWriter(socket);
  let lastId = 0;
  let starting = 0;
  let ended = false;

  const answer = (entry: Entry, given: RunningProcess | Error): void => {
    if (entry.answer === undefined) return;
    starting -= 1;
    entry.answer(given);
    entry.answer = undefined;
  };

  const onFrame = (kind: number, id: number, body: Buffer): void => {
    if (kind === FRAME.ready) return events.onReady();
    const entry = entries.get(id);
    if (entry === undefined) return;
    const { remote } = entry;
    switch (kind) {
      case FRAME.started:
        return answer(entry, remote.started(Number(body.toString("latin1"))));
      case FRAME.failed:
        entries.delete(id);
        return answer(entry, errorOf(JSON.parse(body.toString("utf8"))));
      case FRAME.stdout:
        return remote.stdout.push(body);
      case FRAME.stderr:
        return remote.stderr.push(body);
      case FRAME.stdoutEnd:
        return remote.stdout.end();
      case FRAME.stderrEnd:
        return remote.stderr.end();
      case FRAME.exit: {
        const [code, signal] = JSON.parse(body.toString("latin1"));
        return remote.exit({ code, signal });
      }
    }
  };

  const end = (): void => {
    if (ended) return;
    ended = true;
    child.kill("SIGKILL"); // It may have lost its socket and live.
    for (const entry of entries.values()) {
      answer(entry, lost());
      entry.remote.exit({ code: null, signal: null, lost: true });
      entry.remote.stdout.end();
      entry.remote.stderr.end();
    }
    events.onEnd();
  };

  socket.on("data", frameReader(onFrame));
  socket.on("error", () => {}); // `close` follows.
  socket.once("close", end);
  child.once("error", end);
  child.once("exit", end);
  child.unref();
  socket.unref();

  return {
    pid: child.pid,
    starting: () => starting,
    isIdle: () => entries.size === 0,
    start(given) {
      if (ended) return Promise.resolve(lost());
      lastId += 1;
      const id = lastId;
      const order = (stream: "stdout" | "stderr", what: PipeOrder): void => {
        if (!ended) say(PIPE_KINDS[stream][what], id);
      };
      const endStdin = (): void => {
        if (!ended) say(FRAME.stdinEnd, id);
      };
      const writeStdin = (text: string): void => {
        if (!ended) say(FRAME.stdinWrite, id, text);
      };
      const to = { order, writeStdin, endStdin };
      const remote = createRemoteProcess(to, () => entries.delete(id));
      starting += 1;
      return new Promise((resolve) => {
        entries.set(id, { remote, answer: resolve });
        say(FRAME.start, id, JSON.stringify(given));
      });
    },
    close: () => void socket.destroy(),
  };
}

/** Where this process may open no further file Node makes no pipes, and tells the error later. */
function socketOf(child: ChildProcess): Socket {
  const socket = (child.stdio as ChildProcess["stdio"] | undefined)?.[3];
  if (socket instanceof Socket) return socket;
  child.once("error", () => {});
  throw new Error("no spawner could be started (s7p2)");
}

/**
 * In a group of its own, or Ctrl-C would reach it. Its environment is empty: what the children get is told with
 * each start, and no secret of the server's stands in its memory.
 */
function spawnSpawner(command: readonly string[]): ChildProcess {
  const [file = "", ...args] = command;
  return spawn(file, args, {
    env: {},
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
}

function lost(): Error {
  const message = "the spawner that was to start it has ended";
  return Object.assign(new Error(message), { code: START_LOST });
}

function errorOf({ message, code }: StartFailure): Error {
  return Object.assign(new Error(message), code !== undefined && { code });
}
