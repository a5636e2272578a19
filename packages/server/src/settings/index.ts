export type { Role } from "./declared.ts";
export { type DescribedSetting, describeSettings } from "./describe.ts";
export type { Limits } from "./limits.ts";
export { readSettings, type Settings } from "./settings.ts";
export type { TraceSettings } from "./traces.ts";
