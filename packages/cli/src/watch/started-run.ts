import { Interrupted } from "../command.ts";
import type { Io } from "../io.ts";

/** Where a call is broken off: the run is not. */
export function tellGoesOn({ stderr }: Pick<Io, "stderr">, runId: string): void {
  stderr.write(
    `The run goes on. Watch it: yard runs show ${runId} --watch\nStop it: yard cancel ${runId}\n`,
  );
}

/**
 * What is done with a run that this call has started. Where it fails (a token that may start runs may not read them),
 * the run goes on: its id is told on stderr before the error is thrown on.
 */
export async function withStarted<T>(
  { stderr }: Pick<Io, "stderr">,
  runId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Interrupted))
      stderr.write(`Run ${runId} was started and goes on, but it cannot be watched from here:\n`);
    throw error;
  }
}
