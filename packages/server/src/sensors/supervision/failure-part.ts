import type { CommitPart, PartAnswer } from "../../engine/index.ts";
import { type FailedRun, writeFailures } from "../sensors.store.ts";

/** `fenced`: the sensor has another process by now. */
export type FailureRefusal = "fenced";

/** The end of a process that ended by itself, in the transaction that tells of it where it is the third in a row. */
export const failurePart: CommitPart<FailedRun> = {
  name: "sensor-failure",
  async apply(client, runs) {
    const written = await writeFailures(client, runs);
    return runs.map(
      ({ ref }): PartAnswer =>
        written.has(ref) ? "ok" : { refused: "fenced" satisfies FailureRefusal },
    );
  },
};
