import {
  CLOSE,
  NODE_TIMES,
  type OutgoingNodeFrame,
  REASON_CODES,
  type ServerFrame,
  type ServerFrames,
} from "@yardmaster/protocol/node";
import type { WebSocket } from "ws";
import { messageOf } from "../../config/owner-only.ts";
import type { Log } from "../../log.ts";
import { WORK_FRAMES, type Work, type WorkFrame } from "../../work/work.types.ts";
import type { Ending } from "../ending.ts";
import type { Agreement } from "../handshake.ts";
import type { Reader } from "../reader.ts";
import { endingOf } from "../refusal.ts";
import { createBeginning } from "./beginning.ts";
import { createClosing } from "./closing.ts";
import { createComplaints } from "./complaints.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createOutbox } from "./outbox.ts";
import { createReceive, type Receipt } from "./receive.ts";
import { type StoreToken, takeToken } from "./take-token.ts";
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
  /** Absent where the link is in clear. */
  readonly rotate: StoreToken | undefined;
  readonly renamed: (frame: ServerFrames["renamed"]) => void;
  readonly onDraining: () => void;
}

export interface SessionTimes {
  readonly pingMs?: number;
  readonly watchdogMs?: number;
  readonly resumeMs?: number;
}

export interface Session {
  /** Resolves once, when the socket is gone; work has been told. */
  readonly ended: Promise<Ending>;
  /** Says goodbye, lets what runs end for so long, and closes. */
  leave(drainMs: number): Promise<void>;
}

const IS_WORK: ReadonlySet<string> = new Set(WORK_FRAMES);

/**
 * One logged-in link. All its state is its own and ends with it: nothing that comes late can touch the next one.
 * Nothing here waits for work, so pings are answered whatever runs.
 */
export function startSession(deps: SessionDeps, times: SessionTimes = {}): Session {
  const { socket, reader, agreement, work, log, now } = deps;
  const { capabilities, sealing } = agreement;
  const closing = createClosing(socket);
  const complain = createComplaints(log);
  const receive = createReceive({ capabilities, sealing, now });
  const outbox = createOutbox(socket, {
    writeMs: NODE_TIMES.writeMs,
    onStuck: (why) => closing.cut(why),
  });
  const link = createWorkLink({ agreement, outbox, now, isEnded: () => closing.isOver() });
  const beginning = createBeginning({ ...times, work, link, resumeToken: deps.resumeToken });
  const ts = () => new Date(now()).toISOString();
  const heartbeat = startHeartbeat({
    ...times,
    now,
    ping() {
      link.send({ type: "ping", ts: ts() });
      renewIfSpent();
    },
    onDead: () => closing.cut("nothing came from the server for too long"),
  });

  function take(receipt: Receipt): void {
    if ("frame" in receipt) return obey(receipt.frame);
    if ("unknown" in receipt) return refuse("unknown_message", receipt.unknown, receipt.id);
    if ("flaw" in receipt) return refuse("bad_request", receipt.flaw.detail, receipt.flaw.id);
    closing.because({ kind: "lost", why: receipt.why });
    closing.close(receipt.broken);
  }

  function refuse(reason: "unknown_message" | "bad_request", detail: string, id?: string): void {
    complain(`the server sent what this node does not take: ${detail}`);
    const code = REASON_CODES[reason];
    link.send({ type: "error", code, reason, detail, ...(id === undefined ? {} : { id }) });
  }

  function obey(frame: ServerFrame): void {
    switch (frame.type) {
      case "ping": {
        const echo = frame.ts === undefined ? {} : { echo_ts: frame.ts };
        return void link.send({ type: "pong", ts: ts(), ...echo });
      }
      case "pong":
        return;
      case "error":
        return complain(`the server reports ${frame.reason}: ${frame.detail ?? ""}`);
      case "rate_limit":
        return closing.because(endingOf(frame));
      case "bye":
        return leaveWith(frame);
      case "renamed":
        return deps.renamed(frame);
      case "rotate_token":
        return void takeToken(frame, { link, store: deps.rotate, log });
      case "resume_ok":
        return beginning.decide(frame);
      case "resume_err":
        log("warn", `the session before cannot be taken up again: ${frame.reason}`);
        return beginning.decide("fresh");
      default:
        return isWork(frame) ? ask(frame) : refuse("unknown_message", frame.type);
    }
  }

  /** A fault in the work ends the call, not the link. */
  function ask(frame: WorkFrame): void {
    try {
      beginning.ask(frame);
    } catch (error) {
      log("error", `${frame.type} failed on this node: ${messageOf(error)}`);
      const id = "id" in frame ? { id: frame.id } : {};
      const code = REASON_CODES.internal_error;
      link.send({ type: "error", code, reason: "internal_error", ...id });
    }
  }

  /** The server goes: what runs may end, then the link is closed. What can be continued later runs on. */
  function leaveWith(frame: ServerFrames["bye"]): void {
    closing.because(endingOf(frame));
    log("info", `the server said bye (${frame.reason})`);
    // A revocation closes from the other side at once, and nothing of ours would be taken.
    if (frame.reason === "revoked") return;
    deps.onDraining();
    void work.drain(frame.drain_ms ?? NODE_TIMES.drainMs).then(flushAndClose);
  }

  async function flushAndClose(): Promise<void> {
    await outbox.flushed();
    closing.close(CLOSE.normal);
  }

  /** Encryption with one key has its limit. A session that can be taken up again is simply renewed. */
  function renewIfSpent(): void {
    if (sealing?.isSpent() !== true) return;
    const { calls, jobs } = work.load();
    if (agreement.resume === undefined && calls + jobs > 0) return;
    closing.because({ kind: "lost", why: "the keys of the session are spent" });
    closing.close(CLOSE.normal);
  }

  reader.flow(
    (message) => {
      if (closing.isBegun()) return;
      heartbeat.heard();
      take(receive(message));
    },
    ({ code, reason }) => {
      heartbeat.stop();
      outbox.close();
      closing.over(code, reason);
      beginning.stop();
    },
  );
  if (!closing.isOver()) {
    link.send(deps.nodeInfo());
    beginning.start();
  }

  return {
    ended: closing.ended,
    async leave(drainMs) {
      closing.because({ kind: "stopped" });
      link.send({ type: "bye", reason: "node_shutdown", drain_ms: drainMs });
      await work.drain(drainMs);
      await work.killAll();
      await flushAndClose();
      await closing.ended;
    },
  };
}

function isWork(frame: ServerFrame): frame is WorkFrame {
  return IS_WORK.has(frame.type);
}
