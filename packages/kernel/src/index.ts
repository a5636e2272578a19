export * from "./admission/index.ts";
export * from "./definitions/index.ts";
export * from "./expressions/index.ts";
export * from "./metadata/index.ts";
export * from "./placement/index.ts";
export * from "./run/index.ts";
export * from "./schedule/index.ts";
export * from "./schema/index.ts";
