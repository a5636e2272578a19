import type { LinkRegistry } from "../../registry/registry.types.ts";
import { newShellHealth } from "../base/shell-health.ts";
import type { Entry } from "../handshake/handshake.types.ts";
import type { HubMetrics } from "../hub-deps.types.ts";
import type { HubOptions } from "../hub-options.ts";
import { createJobSession } from "../job-session.ts";
import type { HubJobs } from "../jobs.types.ts";
import type { Channel } from "../wire/channel.ts";
import type { NodeSocket } from "../wire/node-socket.ts";
import type { Departure } from "./departure.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Farewells } from "./farewells.ts";
import { createLink } from "./link.ts";
import type { Link, LinkHandlers } from "./link.types.ts";
import { REPLACED } from "./link-ends.ts";
import { type NodeSlot, wakeAll } from "./node-slot.ts";
import { type ResumeDeps, resume } from "./resume.ts";
import type { Rotations } from "./rotation.ts";
import type { Slots } from "./slots.ts";

export interface ArrivalDeps extends ResumeDeps {
  readonly registry: Pick<LinkRegistry, "info">;
  readonly slots: Slots;
  readonly dispatch: Dispatch;
  readonly departure: Departure;
  readonly farewells: Farewells;
  readonly rotations: Rotations;
  readonly jobs: HubJobs | undefined;
  readonly metrics: HubMetrics | undefined;
  readonly options: HubOptions;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly timestamp: () => string;
}

/**
 * Takes a node that is logged in: its link has the place of the one before, and that one is closed, before auth_ok is
 * sent; all in one step, so that nothing comes between. Undefined where a newer session has the place.
 */
export function admit(
  deps: ArrivalDeps,
  entry: Entry,
  socket: NodeSocket,
  channel: Channel,
): Link | undefined {
  const { options } = deps;
  const slot = deps.slots.ensure(entry.node.nodeId, entry.node.name);
  if (slot.epoch > entry.epoch) return undefined;
  slot.epoch = entry.epoch;
  if (slot.name !== entry.node.name) deps.slots.rename(slot, entry.node.name);
  const before = slot.link;
  const jobBefore = slot.job;
  const handlers = linkHandlers(deps, slot, () => link);
  const link: Link = createLink(entry, { ...deps, socket, channel }, options, handlers);
  slot.link = link;
  slot.job = undefined;
  before?.close(REPLACED);
  jobBefore?.end();
  if (jobBefore !== undefined)
    deps.jobs?.onClosed(jobBefore, "replaced", slot.held === undefined ? 0 : options.resumeWaitMs);
  begin(deps, slot, link, entry, socket, channel);
  return link;
}

function begin(
  deps: ArrivalDeps,
  slot: NodeSlot,
  link: Link,
  entry: Entry,
  socket: NodeSocket,
  channel: Channel,
): void {
  const { options } = deps;
  socket.trust();
  slot.lost = undefined;
  slot.farewell = undefined;
  slot.recycleUntilMs = undefined;
  slot.health = newShellHealth();
  if (link.isSerial) slot.shells.clear();
  if (link.has("task")) slot.job = createJobSession(link, options.queueBytes);
  channel.send(authOk(deps, slot, link, entry), { urgent: true });
  if (entry.e2e !== undefined) channel.seal(entry.e2e.sealing);
  else if (link.has("binary")) channel.goBinary();
  if (slot.held !== undefined && !link.has("resume")) deps.departure.giveUpHeld(slot);
  for (const call of [...slot.awaitingShell]) call.arrived();
  link.settle(options.resumeWaitMs, slot.held !== undefined);
  wakeAll(slot);
}

function authOk(deps: ArrivalDeps, slot: NodeSlot, link: Link, entry: Entry) {
  return {
    type: "auth_ok" as const,
    session_id: link.sessionId,
    ...(entry.e2e !== undefined && { proof: entry.e2e.proof }),
    ...(link.has("resume") && {
      epoch: link.epoch,
      resume_token: deps.tokens.make(slot.nodeId, link.epoch),
      grace_ms: deps.options.graceMs,
    }),
  };
}

/** What a link's frames do to its node. */
function linkHandlers(deps: ArrivalDeps, slot: NodeSlot, self: () => Link): LinkHandlers {
  const { dispatch, jobs, metrics, options } = deps;
  return {
    call: (frame) => dispatch.take(slot, self(), frame),
    flawed: (callId, detail) => dispatch.flawed(slot, self(), callId, detail),
    task: (frame) => slot.job !== undefined && jobs?.onFrame(slot.job, frame) === true,
    resume: (frame) => resume(deps, slot, self(), frame),
    rotated: (frame) => deps.rotations.take(self().sessionId, frame),
    info: () => learn(deps, slot, self()),
    opened() {
      // It had its time to say so: it does not resume.
      if (slot.held !== undefined) deps.departure.giveUpHeld(slot);
      if (slot.job !== undefined) jobs?.onOpen(slot.job);
      dispatch.pump(slot);
    },
    goodbye(reason, drainMs) {
      const ms = drainMs ?? options.drainMs;
      deps.farewells.ofNode(slot, self(), reason, Math.min(ms, options.drainMostMs));
    },
    count: (nowMs) =>
      slot.inbound.take(nowMs) ? 0 : Math.max(1, Math.ceil(slot.inbound.waitMs(nowMs))),
    badFrame: (why) => metrics?.badFrame(why),
    ended(end) {
      deps.rotations.ended(self().sessionId);
      metrics?.closed(end.code);
      deps.departure.ended(slot, self(), end);
    },
  };
}

function learn(deps: ArrivalDeps, slot: NodeSlot, link: Link): void {
  const { instanceId } = link.info;
  const isOther = slot.instanceId !== null && slot.instanceId !== instanceId;
  slot.instanceId = instanceId;
  slot.line.changed();
  // A new process on the node has nothing of what the old one did.
  if (isOther && slot.held !== undefined && link.state === "settling") {
    deps.departure.giveUpHeld(slot);
    link.open();
  }
  deps.registry
    .info(link.sessionId, link.info)
    .catch((error: unknown) => deps.onFault(error, "what a node said of itself was not stored"));
  if (slot.job !== undefined && link.state === "open") deps.jobs?.onInfo?.(slot.job);
}
