export { type DescribedSetting, describeSettings } from "./describe.ts";
export { type Role, readSettings, type Settings } from "./settings.ts";
