import { ownTurn } from "../../../json/index.ts";
import { createFifo } from "./fifo.ts";

export interface InTurnDeps {
  /** Nothing more is to come for now: what waits is all that is kept. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/**
 * What comes over one socket, in its order: at once, but for large messages. Those have a turn of the event loop each,
 * however many nodes send them, and what follows one waits behind it.
 */
export function createInTurn(deps: InTurnDeps): (bytes: number, take: () => void) => void {
  const behind = createFifo<{ readonly bytes: number; readonly take: () => void }>();
  let isWaiting = false;

  async function wait(turn: Promise<void>, take: () => void): Promise<void> {
    isWaiting = true;
    deps.pause();
    await turn;
    take();
    for (let next = behind.shift(); next !== undefined; next = behind.shift()) {
      await ownTurn(next.bytes);
      next.take();
    }
    isWaiting = false;
    deps.resume();
  }

  return (bytes, take) => {
    if (isWaiting) return behind.push({ bytes, take });
    const turn = ownTurn(bytes);
    if (turn === undefined) take();
    else void wait(turn, take);
  };
}
