// The worker as a user would run it, in a process of its own, set as its documentation says for
// throughput (worker.graphile.org/docs/performance).
import { run } from "graphile-worker";

const preset = {
  worker: {
    connectionString: process.env.DATABASE_URL,
    concurrentJobs: 24,
    maxPoolSize: 25,
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
};
const runner = await run({ preset, taskList: { noop: () => {} }, noHandleSignals: true });
process.on("SIGTERM", () => void runner.stop());
await runner.promise;
