import type { OutgoingNodeFrame } from "@yardmaster/protocol/node";
import type { WebSocket } from "ws";
import type { Config } from "../config/config.ts";
import type { Memory } from "../config/memory.ts";
import { messageOf } from "../config/owner-only.ts";
import { readServerUrl, type ServerUrl } from "../config/server-url.ts";
import type { Log } from "../log.ts";
import type { Work } from "../work/work.types.ts";
import { createBackoff } from "./backoff.ts";
import { type Ending, final, type LastEnding } from "./ending.ts";
import { type Agreement, type HandshakeOptions, shakeHands } from "./handshake.ts";
import type { NodeName } from "./node-name.ts";
import { createReader } from "./reader.ts";
import { type Session, type SessionTimes, startSession } from "./session/session.ts";
import type { Tokens } from "./tokens.ts";

/**
 * What the link is doing.
 * `idle`: `run` has not been called. `dialing`, `handshake`: on the way to a session. `connected`: work may come.
 * `draining`: one side said goodbye, what runs may end. `waiting`: for the next dial, at `untilMs`. `ended`: for
 * good, with the reason; nothing leaves it.
 */
export type LinkState =
  | { readonly name: "idle" | "dialing" | "handshake" | "draining" }
  | { readonly name: "connected"; readonly sinceMs: number; readonly agreement: Agreement }
  | { readonly name: "waiting"; readonly untilMs: number; readonly why: string }
  | { readonly name: "ended"; readonly why: string };

export interface LinkDeps {
  readonly config: Config;
  readonly tokens: Tokens;
  readonly name: NodeName;
  readonly memory: Memory;
  readonly work: Work;
  readonly dial: (signal: AbortSignal) => Promise<WebSocket>;
  readonly nodeInfo: () => OutgoingNodeFrame;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
}

export interface LinkTimes extends SessionTimes {
  readonly waitMs?: HandshakeOptions["waitMs"];
  readonly firstBackoffMs?: number;
}

export interface Link {
  /** Keeps the node connected until it is stopped or the server will not have it any more. Never rejects. */
  run(): Promise<LastEnding>;
  /** Says goodbye, lets what runs end within `drainMs`, and makes `run` return. */
  stop(drainMs: number): Promise<void>;
  state(): LinkState;
}

/** Whatever a server asks for, a node is back within the hour. */
const LONGEST_WAIT_MS = 3_600_000;

/** A loop that brings what is (no socket) to what should be (a session), woken by what happens. */
export function createLink(deps: LinkDeps, times: LinkTimes = {}): Link {
  const { config, tokens, name, memory, work, log, now, random } = deps;
  const server = addressOf(config);
  const backoff = createBackoff({
    random,
    ...(times.firstBackoffMs === undefined ? {} : { firstMs: times.firstBackoffMs }),
  });
  const stopping = new AbortController();
  let state: LinkState = { name: "idle" };
  let session: Session | undefined;
  let resumeToken: string | undefined;
  let graceTimer: NodeJS.Timeout | undefined;
  let isHelloPlain = false;

  function setState(next: LinkState): void {
    if (state.name === "ended") throw new Error("link 7f31: an ended link has no further state");
    state = next;
  }

  async function run(): Promise<LastEnding> {
    for (;;) {
      if (stopping.signal.aborted) return finish({ kind: "stopped" });
      const { ending, upMs } = await once();
      if (ending.kind === "final" || ending.kind === "stopped") return finish(ending);
      if (ending.kind === "denied" && !tokens.denied()) {
        return finish(final("token_refused", ending.why));
      }
      await pause(ending, upMs);
    }
  }

  function finish(ending: LastEnding): LastEnding {
    clearTimeout(graceTimer);
    setState({ name: "ended", why: ending.kind === "final" ? ending.why : "stopped" });
    return ending;
  }

  async function pause(ending: Extract<Ending, { kind: "lost" | "denied" }>, upMs: number) {
    const { why, atLeastMs } = ending;
    const asked = atLeastMs === undefined ? {} : { atLeastMs };
    const waitMs = Math.min(LONGEST_WAIT_MS, backoff.next({ upMs, ...asked }));
    log("warn", `${why}; dialling again in ${(waitMs / 1000).toFixed(1)} s`);
    setState({ name: "waiting", untilMs: now() + waitMs, why });
    await sleep(waitMs, stopping.signal);
  }

  /** One dial, and the session that comes of it. */
  async function once(): Promise<{ ending: Ending; upMs: number }> {
    setState({ name: "dialing" });
    let socket: WebSocket;
    try {
      socket = await deps.dial(stopping.signal);
    } catch (error) {
      const isStop = stopping.signal.aborted;
      return {
        ending: isStop ? { kind: "stopped" } : { kind: "lost", why: messageOf(error) },
        upMs: 0,
      };
    }
    setState({ name: "handshake" });
    const giveUp = () => socket.terminate();
    stopping.signal.addEventListener("abort", giveUp, { once: true });
    if (stopping.signal.aborted) giveUp();
    const reader = createReader(socket);
    const hands = await shakeHands(socket, reader, {
      config: { ...config, name: name.current(), ...(isHelloPlain && { e2e: "off" as const }) },
      token: tokens.current(),
      hasEncrypted: hasEncrypted(),
      now,
      ...(times.waitMs === undefined ? {} : { waitMs: times.waitMs }),
    });
    stopping.signal.removeEventListener("abort", giveUp);
    if ("ok" in hands) return await live(socket, reader, hands.ok);
    simplify(hands.ending);
    return { ending: hands.ending, upMs: 0 };
  }

  const hasEncrypted = () => memory.hasEncrypted(server.link.href);

  /** Some base servers refuse a hello that offers encryption. Left out only where the owner merely prefers it. */
  function simplify(ending: Ending): void {
    if (ending.kind !== "lost" || ending.isHelloRefused !== true) return;
    isHelloPlain = config.e2e === "preferred" && !hasEncrypted();
  }

  async function live(
    socket: WebSocket,
    reader: ReturnType<typeof createReader>,
    agreement: Agreement,
  ): Promise<{ ending: Ending; upMs: number }> {
    const sinceMs = now();
    clearTimeout(graceTimer);
    remember(agreement);
    setState({ name: "connected", sinceMs, agreement });
    log(
      "info",
      `connected to ${server.link.origin} as ${name.current()} (session ${agreement.sessionId})`,
    );
    const isConfidential = server.isSecure || server.isLoopback || agreement.sealing !== undefined;
    const used = resumeToken;
    // Single use, whatever comes of it.
    resumeToken = agreement.resume?.token;
    session = startSession(
      {
        socket,
        reader,
        agreement,
        work,
        log,
        now,
        nodeInfo: deps.nodeInfo,
        resumeToken: used,
        rotate: isConfidential ? (token) => tokens.rotate(token) : undefined,
        renamed: (frame) => void name.renamed(frame),
        onDraining: () => setState({ name: "draining" }),
      },
      times,
    );
    if (stopping.signal.aborted) void session.leave(0);
    const ending = await session.ended;
    session = undefined;
    orphan(agreement);
    return { ending, upMs: now() - sinceMs };
  }

  function remember(agreement: Agreement): void {
    const kept = [tokens.accepted()];
    if (agreement.sealing !== undefined) kept.push(memory.rememberEncrypted(server.link.href));
    for (const each of kept) {
      each.catch((error: unknown) => log("error", messageOf(error)));
    }
  }

  /** Processes go on for as long as the server keeps their callers waiting. */
  function orphan({ resume }: Agreement): void {
    if (resume === undefined) work.abandon();
    else graceTimer = setTimeout(() => work.abandon(), resume.graceMs);
  }

  return {
    run,
    async stop(drainMs) {
      if (state.name === "connected") setState({ name: "draining" });
      const leaving = session?.leave(drainMs);
      stopping.abort(new Error("the node is being stopped"));
      await leaving;
    },
    state: () => state,
  };
}

function addressOf({ server }: Config): ServerUrl {
  const url = readServerUrl(server);
  if (typeof url === "string") throw new Error(`link 19c4: the server's address ${url}`);
  return url;
}

/** Resolves after so long, or as soon as the signal says so. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      done();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake, { once: true });
    if (signal.aborted) wake();
  });
}
