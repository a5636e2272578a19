import type { AppError } from "@yardmaster/protocol";
import { newShellHealth, type ShellHealth } from "../base/shell-health.ts";
import type { Call } from "../calls/call.types.ts";
import { createDeadlineLine, type DeadlineLine } from "../calls/deadline-line.ts";
import { createEndedCalls, type EndedCalls } from "../calls/ended-calls.ts";
import type { FreshShellCall } from "../calls/fresh-shell-call.ts";
import { createShells, type Shells } from "../calls/shells.ts";
import type { JobSession } from "../job-session.ts";
import { createRollingWindow, type RollingWindow } from "../wire/rolling-window.ts";
import type { Link, LinkEnd } from "./link.types.ts";

/** What outlives the links of a node. Whatever belongs to one of them carries its session id. */
export interface NodeSlot {
  readonly nodeId: string;
  name: string;
  link: Link | undefined;
  /** The one before, while calls wait for the node to come back. */
  lost: Link | undefined;
  /** The highest that was admitted here: an older session that comes late is not taken. */
  epoch: number;
  /** Of the present link, where it may carry jobs. */
  job: JobSession | undefined;
  /** Open ones, sent or not, by id. */
  readonly calls: Map<string, Call>;
  /** Not sent yet, in the order in which they came. */
  readonly waiting: Call[];
  /** What a serial client works on, whether anybody still waits for it or not. */
  inFlight: { readonly callId: string; readonly linkId: string } | undefined;
  readonly line: DeadlineLine;
  readonly ended: EndedCalls;
  readonly shells: Shells;
  /** Of the one shell of a base client. */
  health: ShellHealth;
  /** Whether its shell is being tried out; meanwhile it gets no call. */
  isProbing: boolean;
  /** Calls for a fresh shell of a base client that was sent away. */
  readonly awaitingShell: Set<FreshShellCall>;
  /** Survives reconnects: a flood does not begin anew with each. */
  readonly inbound: RollingWindow;
  held: Held | undefined;
  /** Of the last session that was held, until it is decided or given up. */
  lostEpoch: number;
  /** Until when calls wait for a client that was sent away. */
  recycleUntilMs: number | undefined;
  farewell: Farewell | undefined;
  instanceId: string | null;
  /** The load that the registry was told last. */
  toldLoad: string;
  toldSeenMs: number;
  /** Woken when a link is there. */
  readonly arrivals: Set<() => void>;
}

/** A lost link to which the node may come back. */
export interface Held {
  /** The last session; calls of earlier ones may be among those that are held. */
  readonly sessionId: string;
  /** Of the oldest session that calls are held for. */
  readonly epoch: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly error: (node: string) => AppError;
}

/** One side said goodbye. */
export interface Farewell {
  readonly untilMs: number;
  /** When nothing is under way any more. */
  readonly done: LinkEnd;
  /** When its time is over. */
  readonly late: LinkEnd;
}

export function createNodeSlot(nodeId: string, name: string, messagesPerSecond: number): NodeSlot {
  const slot: NodeSlot = {
    nodeId,
    name,
    link: undefined,
    lost: undefined,
    epoch: 0,
    job: undefined,
    calls: new Map(),
    waiting: [],
    inFlight: undefined,
    line: createDeadlineLine(() => slotsOf(slot)),
    ended: createEndedCalls(),
    shells: createShells(),
    health: newShellHealth(),
    isProbing: false,
    awaitingShell: new Set(),
    inbound: createRollingWindow(messagesPerSecond, 1_000),
    held: undefined,
    lostEpoch: 0,
    recycleUntilMs: undefined,
    farewell: undefined,
    instanceId: null,
    toldLoad: "",
    toldSeenMs: 0,
    arrivals: new Set(),
  };
  return slot;
}

function slotsOf({ link }: NodeSlot): number {
  return link === undefined || link.isSerial ? 1 : link.info.slots;
}

/** Calls that were sent over a link and have not ended. */
export function callsOn(slot: NodeSlot, sessionId: string): Call[] {
  return [...slot.calls.values()].filter((call) => call.linkId === sessionId && !call.isHeld);
}

export function isIdle(slot: NodeSlot, nowMs: number): boolean {
  return (
    slot.link === undefined &&
    slot.calls.size === 0 &&
    slot.held === undefined &&
    slot.recycleUntilMs === undefined &&
    slot.arrivals.size === 0 &&
    slot.inbound.isEmpty(nowMs)
  );
}

/** Who waits for a link looks whether there is one, or whether none will come. */
export function wakeAll({ arrivals }: NodeSlot): void {
  for (const wake of [...arrivals]) wake();
}
