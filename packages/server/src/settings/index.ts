export { type DescribedSetting, describeSettings } from "./describe.ts";
export type { Limits } from "./limits.ts";
export { type Role, readSettings, type Settings } from "./settings.ts";
export type { TraceSettings } from "./traces.ts";
