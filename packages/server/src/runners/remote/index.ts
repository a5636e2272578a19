export type { RemoteEnd, RemoteProcess, RemoteStart } from "./remote.types.ts";
export { createRemoteRunner } from "./remote-runner.ts";
