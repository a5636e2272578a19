export type { RemoteEnd, RemoteProcess, RemoteStart, StartRemote } from "./remote.types.ts";
export { createRemoteRunner, type RemoteRunnerOptions } from "./remote-runner.ts";
