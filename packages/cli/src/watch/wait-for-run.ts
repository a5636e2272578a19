import type { Run } from "@yardmaster/protocol";
import type { Client } from "@yardmaster/sdk";
import { type Call, Interrupted } from "../command.ts";
import { tellAway, tellBack } from "./server-away.ts";
import { tellGoesOn } from "./started-run.ts";

/** The run when it has ended, or as it stands after `leftMs`. Ctrl-C leaves the run alone and says how to come back. */
export async function waitForRun(
  { interruptible, io }: Pick<Call<object>, "interruptible" | "io">,
  client: Client,
  { run, leftMs }: { readonly run: Run; readonly leftMs: number },
): Promise<Run> {
  const timeUp = AbortSignal.timeout(Math.max(0, leftMs));
  try {
    return await interruptible((signal) =>
      client.runs.wait(run.id, {
        signal: AbortSignal.any([signal, timeUp]),
        onAway: () => tellAway(io),
        onBack: () => tellBack(io),
      }),
    );
  } catch (error) {
    if (error instanceof Interrupted) tellGoesOn(io, run.id);
    if (error !== timeUp.reason) throw error;
    return client.runs.get(run.id);
  }
}
