export type { RemoteEnd, RemoteProcess, RemoteStart, StartRemote } from "./remote.types.ts";
export { createRemoteRunner } from "./remote-runner.ts";
