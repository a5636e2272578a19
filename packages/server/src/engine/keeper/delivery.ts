import {
  type Abandoned,
  advance,
  boundResults,
  isAbandoned,
  isQuestionOver,
  type RunEvent,
  type RunState,
} from "@yardmaster/kernel";
import { createSlices } from "../../slices.ts";
import type { Unit, UnitOutcome } from "../commit/flush.ts";
import { type OpFrameDeps, opFrame } from "../commit/op-frame.ts";
import { runOp } from "../commit/run-op.ts";
import type { Decided, Instants, Reserve, RunOp } from "../commit/run-op.types.ts";
import type { DefinitionSource } from "../engine.types.ts";
import { definitionOf } from "./definition-of.ts";
import type { StoredRun } from "./keeper.store.ts";
import { foldInSlices, type KeptRun } from "./kept-run.ts";
import type { Letter, Mailbox } from "./mailboxes.ts";
import type { Posted } from "./posted.ts";

export interface DeliveryDeps extends OpFrameDeps {
  readonly definitions: DefinitionSource;
  readonly load: (runId: string) => Promise<StoredRun | undefined>;
  /** Ends a run without its definition. */
  readonly abandon: (runId: string, event: Abandoned) => Promise<Posted>;
  readonly submit: (unit: Unit) => Promise<UnitOutcome>;
  /** What follows once an op is durable. */
  readonly settle: (run: KeptRun, decided: Decided, op: RunOp, instants: Instants) => void;
  /** Resolves when this process has a session again, after the last one was ended. */
  readonly livingSession: () => Promise<void>;
  readonly worker: { readonly reserve: Reserve };
  readonly now: () => number;
  readonly monotonicMs: () => number;
}

/**
 * Applies the letters of a run in order, by the interpreter, to the state that this process keeps, and commits them as
 * one advance guarded by the version. Where another process was faster the run is folded anew and decided again; so any
 * process may advance any run.
 */
export function createDelivery(deps: DeliveryDeps) {
  return async function deliver(
    runId: string,
    box: Mailbox,
    given: readonly Letter[],
  ): Promise<void> {
    const [first] = given;
    if (first !== undefined && isAbandoned(first.event)) {
      box.run = undefined;
      return first.resolve(await deps.abandon(runId, first.event));
    }
    let letters = given.some(isOutdated) ? given.map(asOfNow) : given;
    for (;;) {
      const isAsStored = box.run === undefined;
      box.run ??= await load(runId);
      if (box.run === undefined) {
        for (const letter of letters) letter.resolve("gone");
        return;
      }
      const outcome = await deliverTo(box.run, letters, isAsStored);
      if (outcome === "delivered") {
        if (box.run.state.phase === "ended") box.run = undefined;
        return;
      }
      box.run = undefined;
      if (outcome === "stale") continue;
      letters = letters.map((letter) => ({ ...letter, event: lostWithSession(letter.event) }));
      await deps.livingSession();
    }
  };

  /** The end of an attempt of its own, told before it was known that its session had been ended. */
  function isOutdated({ event, session }: Letter): boolean {
    const isOwn =
      event.type === "attempt_ended" && session !== undefined && event.worker === session;
    return isOwn && session !== deps.sessionId();
  }

  function asOfNow(letter: Letter): Letter {
    return isOutdated(letter) ? { ...letter, event: lostWithSession(letter.event) } : letter;
  }

  async function deliverTo(
    run: KeptRun,
    letters: readonly Letter[],
    isAsStored: boolean,
  ): Promise<"delivered" | "stale" | "ended"> {
    const events = boundResults(
      run.state,
      letters.map((letter) => letter.event),
    );
    const advanced = advance(run.workflow, run.state, events);
    // What seems late to a kept state may be news to the stored one.
    const mayBeNews = events.some(
      (event, i) => advanced.verdicts[i] === "late" && !isOver(advanced.state, event),
    );
    if (!isAsStored && mayBeNews) return "stale";
    const applied = events.filter((_, i) => advanced.verdicts[i] === "applied");
    if (applied.length > 0) {
      const at = new Date(applied.at(-1)?.at ?? deps.now());
      const frame = opFrame(deps, run, at);
      const goesOn = run.state.pausedBy !== undefined && advanced.state.pausedBy === undefined;
      const { state, effects } = advanced;
      const decided = { events: applied, state, effects, ...(goesOn && { goesOn }) };
      const waited = new Set(
        letters.flatMap(({ waited }, i) => (waited ? [events[i] as RunEvent] : [])),
      );
      const { op, instants } = runOp(frame, decided, run.instants, deps.worker.reserve, waited);
      const part = letters[0]?.part;
      const outcome = await deps.submit({ ops: [op], ...(part !== undefined && { part }) });
      if (outcome !== "done") return outcome === "ended" ? "ended" : "stale";
      deps.settle(run, decided, op, instants);
    }
    for (const [i, letter] of letters.entries()) letter.resolve(advanced.verdicts[i] as Posted);
    return "delivered";
  }

  async function load(runId: string): Promise<KeptRun | undefined> {
    const stored = await deps.load(runId);
    if (stored === undefined) return undefined;
    const workflow = await definitionOf(deps.definitions, runId, stored);
    return await foldInSlices(runId, stored, workflow, createSlices(deps.monotonicMs));
  }
}

/** A second answer stays one: to fold the run for it once more is what a crowd that answers at once would cost. */
function isOver(state: RunState, event: RunEvent): boolean {
  return event.type === "inquiry_answered" && isQuestionOver(state, event);
}

/**
 * The session was ended before the result was durable: a failure may be the work of who ended it. Not so of what was
 * canceled before anybody had it: it waits in `dispatch` still, where a loss would leave it.
 */
function lostWithSession(event: RunEvent): RunEvent {
  if (event.type !== "attempt_ended" || event.status === "success") return event;
  if (event.worker === undefined) return event;
  const { error: _, ...rest } = event;
  return { ...rest, status: "lost" };
}
