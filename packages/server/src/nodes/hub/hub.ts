import { CLOSE } from "@yardmaster/protocol/node";
import { createCallAudit } from "./calls/call-audit.ts";
import { createCallRate } from "./calls/call-rate.ts";
import { createDoor } from "./handshake/door.ts";
import { createLoginRate } from "./handshake/login-rate.ts";
import type { Hub } from "./hub.types.ts";
import type { HubDeps } from "./hub-deps.types.ts";
import { HUB_OPTIONS, type HubOptions } from "./hub-options.ts";
import { type ArrivalDeps, admit } from "./link/arrival.ts";
import { createDeparture } from "./link/departure.ts";
import { createDispatch } from "./link/dispatch.ts";
import { createFarewells } from "./link/farewells.ts";
import { type NodeSlot, wakeAll } from "./link/node-slot.ts";
import { createResumeTokens } from "./link/resume-token.ts";
import { createRotations } from "./link/rotation.ts";
import { createSlots } from "./link/slots.ts";
import { liveStateOf } from "./live-state.ts";
import { createOperations } from "./operations/operations.ts";
import { hearRegistry } from "./registry-news.ts";
import { createUpkeep } from "./upkeep.ts";
import { createGate } from "./wire/gate.ts";
import { createOrigins } from "./wire/origin.ts";
import { createUpgrades } from "./wire/upgrade.ts";

const ROTATE_MS = 10_000;
const RETRY_AFTER_STOP_MS = 5_000;
const FORGET_EVERY_MS = 10_000;

/** Puts the hub together. It begins with the first listener that is attached. */
export function createHub(deps: HubDeps, given: Partial<HubOptions> = {}): Hub {
  const options = { ...HUB_OPTIONS, ...given };
  const { registry, jobs, metrics, log, monotonicMs, now } = deps;
  const timestamp = (): string => new Date(now()).toISOString();
  const onFault = (error: unknown, what: string): void => log.warn({ err: error }, what);
  const slots = createSlots(options.messagesPerSecond);
  const gate = createGate(options);
  const rate = createCallRate(options.callsPerSecond);
  const loginRate = createLoginRate(options.loginsPerMinute);
  const audit = createCallAudit(deps.audit, (error) => onFault(error, "a call was not audited"));
  const tokens = createResumeTokens(deps.resumeKey ?? deps.random(32));
  const rotations = createRotations(deps.newId, ROTATE_MS);
  let isClosing = false;
  let forgetAtMs = 0;

  const farewells = createFarewells({
    registry,
    jobs,
    monotonicMs,
    retryAfterMs: RETRY_AFTER_STOP_MS,
    onFault,
  });
  const departure = createDeparture({ registry, jobs, monotonicMs, now, options, onFault });
  const dispatch = createDispatch({
    monotonicMs,
    now,
    options,
    probe: (slot) => operations.probe(slot),
    onLate,
    onQuiet: (slot) => farewells.check(slot, monotonicMs()),
  });
  const operations = createOperations({
    ...{ slots, dispatch, rate, audit, metrics, monotonicMs, options },
    absent: deps.absent,
    newId: deps.newId,
  });
  const upkeep = createUpkeep({ registry, jobs, departure, dispatch, farewells });
  const arrivals: ArrivalDeps = {
    ...{ registry, slots, dispatch, departure, farewells, rotations, tokens, jobs, metrics },
    ...{ options, now, monotonicMs, timestamp, onFault },
  };
  const door = createDoor({
    ...{ registry, gate, metrics, monotonicMs, timestamp, onFault, times: options },
    newId: deps.newId,
    random: deps.random,
    handshakeMs: options.handshakeMs,
    loginRate,
    sealedFrames: options.sealedFrames,
    hasJobs: jobs !== undefined,
    onRefused: (refused) => log.info(refused, "a node was not let in"),
    admit: (entry, socket, channel) =>
      isClosing ? undefined : admit(arrivals, entry, socket, channel),
  });
  const upgrades = createUpgrades({
    originOf: createOrigins(options.proxies),
    gate,
    monotonicMs,
    plain: options.plain,
    inboundBytes: options.inboundBytes,
    isClosing: () => isClosing,
    onRefused: (why) => metrics?.handshake(why),
    onSocket: door.open,
  });

  function onLate(slot: NodeSlot, callId: string): void {
    const kind = slot.ended.kindOf(callId);
    if (kind === undefined) return metrics?.badFrame("unknown_call");
    metrics?.late();
    if (!slot.ended.noteLate(callId) || slot.link === undefined) return;
    const { nodeId, name: node } = slot;
    audit.late({ id: callId, kind, actor: `node:${node}`, nodeId, node }, slot.link.sessionId);
  }

  const news = hearRegistry({ registry, slots, door, departure, dispatch, jobs });

  /** One timer for all links: a thousand of their own would wake the process all the time. */
  const timer = setInterval(() => {
    const nowMs = monotonicMs();
    door.check(nowMs);
    for (const slot of slots.all()) upkeep(slot, nowMs);
    if (nowMs < forgetAtMs) return;
    forgetAtMs = nowMs + FORGET_EVERY_MS;
    gate.forget(nowMs);
    rate.forget(nowMs);
    loginRate.forget(nowMs);
    for (const slot of slots.all()) slots.forget(slot, nowMs);
  }, options.checkMs);
  timer.unref();

  return {
    ...operations,
    attach: upgrades.attach,
    live(ref) {
      const slot = slots.find(ref);
      return slot === undefined ? undefined : liveStateOf(slot);
    },
    list: () =>
      [...slots.all()].flatMap((slot) => {
        const state = liveStateOf(slot);
        return state === undefined ? [] : [state];
      }),
    async rotate(nodeId, token) {
      const link = slots.get(nodeId)?.link;
      if (link === undefined) throw (await deps.absent(nodeId)).error;
      return await rotations.send(link, token);
    },
    async revokeLive(nodeId) {
      news.revoke(nodeId);
    },
    async close(graceMs = options.drainMs) {
      isClosing = true;
      door.closeStrangers(CLOSE.server_shutdown);
      for (const slot of slots.all()) {
        if (slot.held !== undefined) departure.giveUpHeld(slot);
        if (slot.recycleUntilMs !== undefined) departure.giveUpRecycled(slot);
        if (slot.link !== undefined) farewells.ofServer(slot, slot.link, graceMs);
        wakeAll(slot);
      }
      await door.emptied();
      clearInterval(timer);
      upgrades.detach();
      news.stop();
      await departure.recorded();
    },
    hurry() {
      if (isClosing) for (const slot of slots.all()) farewells.hurry(slot);
    },
  };
}
