export * from "./advance.ts";
export * from "./effects.ts";
export * from "./events.ts";
export * from "./open-attempts.ts";
export { callsOf, stepOfSlot } from "./plan.ts";
export { isSlotFinal, MAX_LOSSES_IN_ROW } from "./slot.machine.ts";
export * from "./slot-key.ts";
export * from "./state.ts";
export type { Verdict } from "./stops.ts";
