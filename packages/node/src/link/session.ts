import { createHash } from "node:crypto";
import {
  CLOSE,
  NODE_TIMES,
  type OutgoingNodeFrame,
  REASON_CODES,
  type ServerFrame,
  type ServerFrames,
} from "@yardmaster/protocol/node";
import type { WebSocket } from "ws";
import { messageOf } from "../config/owner-only.ts";
import type { Log } from "../log.ts";
import {
  type ResumeDecisions,
  WORK_FRAMES,
  type Work,
  type WorkFrame,
} from "../work/work.types.ts";
import { type Ending, endingOfClose } from "./ending.ts";
import type { Agreement } from "./handshake.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createOutbox } from "./outbox.ts";
import type { Reader } from "./reader.ts";
import { createReceive, type Receipt } from "./receive.ts";
import { endingOf } from "./refusal.ts";
import { createWorkLink } from "./work-link.ts";

export interface SessionDeps {
  readonly socket: WebSocket;
  readonly reader: Reader;
  readonly agreement: Agreement;
  readonly work: Work;
  readonly log: Log;
  readonly now: () => number;
  /** What the node says of itself. */
  readonly nodeInfo: () => OutgoingNodeFrame;
  /** Of the session before, where its calls may be continued. */
  readonly resumeToken: string | undefined;
  /** Stores a new token; rejects where it cannot. Absent where the link is in clear: no token is taken over it. */
  readonly rotate: ((token: string) => Promise<void>) | undefined;
  readonly onDraining: () => void;
}

export interface SessionTimes {
  readonly pingMs?: number;
  readonly watchdogMs?: number;
  readonly writeMs?: number;
  readonly resumeMs?: number;
}

export interface Session {
  /** Resolves once, when the socket is gone; work has been told. */
  readonly ended: Promise<Ending>;
  /** Says goodbye, lets what runs end for so long, and closes. */
  leave(drainMs: number): Promise<void>;
}

const IS_WORK: ReadonlySet<string> = new Set(WORK_FRAMES);
/** How long the server has to answer a close before the socket is cut. */
const CLOSE_MS = 1_000;

/**
 * One logged-in link. All its state is its own and ends with it: nothing that comes late can touch the next one
 * (C28). Nothing here waits for work, so pings are answered whatever runs (C9).
 */
export function startSession(deps: SessionDeps, times: SessionTimes = {}): Session {
  const { socket, reader, agreement, work, log, now } = deps;
  const { capabilities, sealing } = agreement;
  let isEnded = false;
  /** We close, and hear no more. */
  let isClosing = false;
  /** Set where we know better than the close code why it ended. */
  let ending: Ending | undefined;
  let isLinked = false;
  const early: WorkFrame[] = [];
  let resumeTimer: NodeJS.Timeout | undefined;
  let settle: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((done) => {
    settle = done;
  });
  const receive = createReceive({ capabilities, sealing, now });
  const outbox = createOutbox(socket, {
    writeMs: times.writeMs ?? NODE_TIMES.writeMs,
    onStuck: (why) => cut(why),
  });
  const link = createWorkLink({ agreement, outbox, now, isEnded: () => isEnded });
  const ts = () => new Date(now()).toISOString();
  const heartbeat = startHeartbeat({
    now,
    ping: () => {
      link.send({ type: "ping", ts: ts() });
      renewIfSpent();
    },
    onDead: () => cut("nothing came from the server for too long"),
    ...(times.pingMs === undefined ? {} : { pingMs: times.pingMs }),
    ...(times.watchdogMs === undefined ? {} : { watchdogMs: times.watchdogMs }),
  });

  function begin(): void {
    if (capabilities.has("info")) link.send(deps.nodeInfo());
    if (deps.resumeToken === undefined || !capabilities.has("resume")) return linkUp("fresh");
    const [calls, leases] = [work.calls(), work.leases()];
    link.send({ type: "resume", resume_token: deps.resumeToken, calls, leases });
    resumeTimer = setTimeout(() => linkUp("fresh"), times.resumeMs ?? NODE_TIMES.resumeWaitMs * 2);
  }

  /** Once: the first answer counts. */
  function linkUp(before: ResumeDecisions | "fresh"): void {
    if (isLinked || isEnded) return;
    isLinked = true;
    clearTimeout(resumeTimer);
    work.linkUp(link, before);
    for (const frame of early.splice(0)) work.handle(frame);
  }

  function take(receipt: Receipt): void {
    if ("broken" in receipt) return end({ kind: "lost", why: receipt.why }, receipt.broken);
    if ("unknown" in receipt) return refuse("unknown_message", receipt.unknown, receipt.id);
    if ("flaw" in receipt) return refuse("bad_request", receipt.flaw.detail, receipt.flaw.id);
    obey(receipt.frame);
  }

  function refuse(reason: "unknown_message" | "bad_request", detail: string, id?: string): void {
    log("warn", `the server sent what this node does not take: ${detail}`);
    const code = REASON_CODES[reason];
    link.send({ type: "error", code, reason, detail, ...(id === undefined ? {} : { id }) });
  }

  function obey(frame: ServerFrame): void {
    switch (frame.type) {
      case "ping":
        link.send({
          type: "pong",
          ts: ts(),
          ...(frame.ts === undefined ? {} : { echo_ts: frame.ts }),
        });
        return;
      case "pong":
        return;
      case "error":
        return log("warn", `the server reports ${frame.reason}: ${frame.detail ?? ""}`);
      case "rate_limit":
        ending = endingOf(frame);
        return;
      case "bye":
        return leaveWith(frame);
      case "rotate_token":
        return void rotate(frame);
      case "resume_ok":
        return linkUp(frame);
      case "resume_err":
        log("warn", `the session before cannot be taken up again: ${frame.reason}`);
        return linkUp("fresh");
      default:
        return isWork(frame) ? ask(frame) : refuse("unknown_message", frame.type);
    }
  }

  function ask(frame: WorkFrame): void {
    if (isLinked) work.handle(frame);
    else early.push(frame);
  }

  async function rotate({ id, new_token }: ServerFrames["rotate_token"]): Promise<void> {
    try {
      if (deps.rotate === undefined) throw new Error("no token is taken over a link in clear");
      await deps.rotate(new_token);
      const sha256 = createHash("sha256").update(new_token).digest("hex");
      link.send({ type: "rotate_ok", id, sha256 });
      log("info", "the server gave this node a new token");
    } catch (error) {
      link.send({ type: "rotate_err", id, reason: messageOf(error) });
      log("error", `a new token was not taken: ${messageOf(error)}`);
    }
  }

  /** The server goes: what runs may end, then the link is closed. What can be continued later runs on. */
  function leaveWith(frame: ServerFrames["bye"]): void {
    ending = endingOf(frame);
    log("info", `the server said bye (${frame.reason})`);
    // A revocation closes from the other side at once, and nothing of ours would be taken.
    if (frame.reason === "revoked") return;
    deps.onDraining();
    void drainAndClose(frame.drain_ms ?? NODE_TIMES.drainMs);
  }

  async function drainAndClose(drainMs: number): Promise<void> {
    await work.drain(drainMs);
    await outbox.flushed();
    close(CLOSE.normal);
  }

  /** Encryption with one key has its limit. A session that can be taken up again is simply renewed. */
  function renewIfSpent(): void {
    if (sealing?.isSpent() !== true) return;
    const { calls, jobs } = work.load();
    if (agreement.resume === undefined && calls + jobs > 0) return;
    end({ kind: "lost", why: "the keys of the session are spent" }, CLOSE.normal);
  }

  function cut(why: string): void {
    ending ??= { kind: "lost", why };
    isClosing = true;
    socket.terminate();
  }

  function end(why: Ending, code: number): void {
    ending = why;
    close(code);
  }

  function close(code: number): void {
    isClosing = true;
    socket.close(code);
    setTimeout(() => socket.terminate(), CLOSE_MS).unref();
  }

  function onClosed(code: number, reason: string): void {
    isEnded = true;
    clearTimeout(resumeTimer);
    heartbeat.stop();
    outbox.close();
    if (isLinked) work.linkDown();
    const seen = endingOfClose(code, reason);
    // What the server says for good counts, whatever we made of it before.
    settle(seen.kind === "final" ? seen : (ending ?? seen));
  }

  reader.flow(
    (message) => {
      if (isClosing) return;
      heartbeat.heard();
      take(receive(message));
    },
    ({ code, reason }) => onClosed(code, reason),
  );
  if (!isEnded) begin();

  return {
    ended,
    async leave(drainMs) {
      ending = { kind: "stopped" };
      link.send({ type: "bye", reason: "node_shutdown", drain_ms: drainMs });
      await work.drain(drainMs);
      await work.killAll();
      await outbox.flushed();
      close(CLOSE.normal);
      await ended;
    },
  };
}

function isWork(frame: ServerFrame): frame is WorkFrame {
  return IS_WORK.has(frame.type);
}
