export * from "./admit.ts";
export * from "./rate.ts";
