import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BASE_CAPABILITIES,
  CAPABILITIES,
  type Capability,
  decodeFrame,
  encodeFrame,
  type NodeFrame,
  type NodeFrames,
  type OutgoingServerFrames,
} from "@yardmaster/protocol/node";
import { onTestFinished } from "vitest";
import { createWork } from "../work.ts";
import type { AuditNote, Work, WorkFrame, WorkLink, WorkOptions } from "../work.types.ts";

/** A session with everything, or one as a base server agrees on. */
export const ALL: readonly Capability[] = CAPABILITIES.filter((token) => token !== "binary");
export const BASE: readonly Capability[] = BASE_CAPABILITIES;

type LastChunk = Extract<NodeFrames["exec_chunk"], { more: false }>;

export interface Ran {
  readonly id: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly pty: Buffer;
  readonly chunks: NodeFrames["exec_chunk"][];
  readonly last: LastChunk;
}

/** The server's side of a link: checks every frame against the wire's schema, and stores what comes. */
export interface TestLink extends WorkLink {
  readonly frames: NodeFrame[];
  /** Acknowledges chunks as they come, unless set to false. */
  acks: boolean;
  /** Renews leases when it is asked to. */
  renews: boolean;
  isGone: boolean;
  /** The next frames are answered `full`, until `makeRoom`. */
  isFull: boolean;
  makeRoom(): void;
  /** Resolves with the first frame, also of those that have come, that fits. */
  next<Type extends NodeFrame["type"]>(
    type: Type,
    fits?: (frame: NodeFrames[Type]) => boolean,
  ): Promise<NodeFrames[Type]>;
}

type ExecOptions = Partial<Omit<OutgoingServerFrames["exec"], "type" | "command">>;

export type SetUp = ReturnType<typeof setUp>;

/** A node's work in folders of its own, with a link to a server that is played by the test. */
export function setUp(
  options: Partial<WorkOptions> & { capabilities?: readonly Capability[] } = {},
) {
  const { capabilities = ALL, ...given } = options;
  const root = mkdtempSync(join(tmpdir(), "yard-node-test-"));
  const allowed = join(root, "allowed");
  mkdirSync(allowed);
  const audit: AuditNote[] = [];
  const logged: string[] = [];
  const refused = new Map<string, string>();
  const make = (): Work =>
    createWork(
      {
        now: Date.now,
        audit: (note) => void audit.push(note),
        log: (_, message) => void logged.push(message),
        refusalOf: (text) => refused.get(text),
      },
      {
        allowedPaths: [allowed],
        slots: 4,
        orphans: "kill",
        allow: { exec: true, read: true, write: true, jobs: true },
        labels: {},
        stateFolder: join(root, "state"),
        ...given,
      },
    );
  const work = make();
  let link = connect(capabilities);
  onTestFinished(async () => {
    await work.killAll();
    rmSync(root, { recursive: true, force: true });
  });

  /** A link of its own, not yet told to the work. */
  function connect(has: readonly Capability[]): TestLink {
    const made = createTestLink(has, (frame) => ackWith(made, frame));
    return made;
  }

  function ackWith(to: TestLink, frame: NodeFrame): void {
    if (to !== link) return;
    if (frame.type === "task_renew" && to.renews) {
      send({ type: "task_renewed", lease_id: frame.lease_id, fence: frame.fence });
    }
    if (!to.acks) return;
    const credit = { credit_bytes: 1024 * 1024 };
    if (frame.type === "exec_chunk")
      send({ type: "exec_ack", id: frame.id, seq: frame.seq, ...credit });
    if (frame.type === "task_log") {
      send({ type: "task_log_ack", lease_id: frame.lease_id, seq: frame.seq, ...credit });
    }
  }

  function send(frame: OutgoingServerFrames[WorkFrame["type"]]): void {
    const decoded = decodeFrame(encodeFrame(frame), "from_server");
    if (!("ok" in decoded)) throw new Error(JSON.stringify(decoded));
    // As over a wire: never within the call that it answers.
    setImmediate(() => work.handle(decoded.ok as WorkFrame));
  }

  work.linkUp(link, "fresh");

  const start = (command: string, more: ExecOptions = {}): string => {
    const id = more.id ?? randomUUID();
    send({ type: "exec", command, ...more, id });
    return id;
  };

  const outcome = async (id: string): Promise<Ran> => {
    const last = await link.next("exec_chunk", (frame) => frame.id === id && !frame.more);
    return ranOf(id, link.frames, last as LastChunk);
  };

  return {
    work,
    root,
    allowed,
    audit,
    logged,
    refused,
    start,
    outcome,
    send,
    make,
    connect,
    link: () => link,
    use(next: TestLink) {
      link = next;
      return next;
    },
    run: (command: string, more: ExecOptions = {}) => outcome(start(command, more)),
    /** What has come of a stream of a call until now. */
    seen: (id: string, stream = "stdout") => outputOf(link.frames, id, stream).toString("utf8"),
  };
}

function ranOf(id: string, frames: readonly NodeFrame[], last: LastChunk): Ran {
  return {
    id,
    last,
    stdout: outputOf(frames, id, "stdout"),
    stderr: outputOf(frames, id, "stderr"),
    pty: outputOf(frames, id, "pty"),
    chunks: frames.filter(
      (frame) => frame.type === "exec_chunk" && frame.id === id,
    ) as Ran["chunks"],
  };
}

function outputOf(frames: readonly NodeFrame[], id: string, stream: string): Buffer {
  const data = frames.flatMap((frame) =>
    frame.type === "exec_chunk" && frame.id === id && frame.stream === stream ? [frame.data] : [],
  );
  return Buffer.concat(data);
}

function createTestLink(has: readonly Capability[], onFrame: (frame: NodeFrame) => void): TestLink {
  const waiting = new Set<(frame: NodeFrame) => void>();
  let roomMakers: (() => void)[] = [];
  const link: TestLink = {
    sessionId: randomUUID(),
    frames: [],
    acks: true,
    renews: true,
    isGone: false,
    isFull: false,
    has: (capability) => has.includes(capability),
    makeRoom() {
      link.isFull = false;
      for (const tell of roomMakers.splice(0)) tell();
    },
    drained: () =>
      new Promise((resolve) => {
        roomMakers = [...roomMakers, resolve];
      }),
    send(outgoing) {
      if (link.isGone) return "gone";
      const decoded = decodeFrame(encodeFrame(outgoing), "from_node");
      if (!("ok" in decoded)) throw new Error(`${JSON.stringify(decoded)} of ${outgoing.type}`);
      link.frames.push(decoded.ok);
      for (const tell of [...waiting]) tell(decoded.ok);
      onFrame(decoded.ok);
      return link.isFull ? "full" : "sent";
    },
    next(type, fits = () => true) {
      type Wanted = NodeFrames[typeof type];
      const isIt = (frame: NodeFrame): boolean => frame.type === type && fits(frame as Wanted);
      return new Promise((resolve) => {
        const found = link.frames.find(isIt);
        if (found !== undefined) return resolve(found as Wanted);
        const look = (frame: NodeFrame): void => {
          if (!isIt(frame)) return;
          waiting.delete(look);
          resolve(frame as Wanted);
        };
        waiting.add(look);
      });
    },
  };
  return link;
}

/** Whether a process runs: a zombie that nobody has collected does not. */
export function isRunning(pid: number): boolean {
  if (!existsSync("/proc/self")) return isThere(pid);
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether a process is there, if only as a zombie: once it is not, its parent has been told of its end. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export function pidsIn(text: string): number[] {
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}
