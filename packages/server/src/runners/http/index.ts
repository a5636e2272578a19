export { allowEntryFlaw } from "./allow-list.ts";
export { createHttpRunner, type HttpRunnerOptions } from "./http.ts";
export { createRequester, isReply, type Reply, type Requester } from "./requester.ts";
