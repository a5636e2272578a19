import type { Step } from "@yardmaster/protocol";
import { readPage } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

/** The most that the API gives in one page of steps, and their items. */
const PAGE_SIZE = 1_000;

/** All steps of a run. One with many items comes in pieces, which are put together. */
export async function readSteps(
  transport: Transport,
  path: string,
  options?: CallOptions,
): Promise<Step[]> {
  const steps: Step[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE_SIZE, cursor };
    const page = await readPage<Step>(transport, { path, query }, options);
    for (const piece of page.items) {
      const before = steps.at(-1)?.id === piece.id ? steps.pop() : undefined;
      steps.push(before === undefined ? piece : joined(before, piece));
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return steps;
}

/** What changed between two pages is as the later one tells it. */
function joined(before: Step, after: Step): Step {
  const { items, rounds } = after;
  return {
    ...after,
    ...(items === null ? {} : { items: [...(before.items ?? []), ...items] }),
    ...(rounds === undefined ? {} : { rounds: [...(before.rounds ?? []), ...rounds] }),
  };
}
