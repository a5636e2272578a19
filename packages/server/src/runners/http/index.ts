export { allowEntryFlaw } from "./allow-list.ts";
export { createHttpRunner, type HttpRunnerOptions } from "./http.ts";
