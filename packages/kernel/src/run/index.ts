export * from "./advance.ts";
export * from "./effects.ts";
export * from "./events.ts";
export { isSlotFinal, MAX_LOSSES_IN_ROW } from "./slot.machine.ts";
export * from "./state.ts";
