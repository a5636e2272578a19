export * from "./action-as-workflow.ts";
export * from "./compile/index.ts";
export * from "./core-pack.ts";
export * from "./definition.ts";
export * from "./document.ts";
export * from "./pack.ts";
export * from "./problem.ts";
export * from "./retry.ts";
