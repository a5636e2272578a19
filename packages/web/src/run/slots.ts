import type { Step, StepFile, StepItem } from "@yardmaster/protocol";
import type { Json, WorkError } from "@yardmaster/protocol/core";

/** The items of a for_each, or the rounds of a repeat. */
export function partsOf(step: Step): readonly StepItem[] | null {
  return step.items ?? step.rounds ?? null;
}

export interface SlotValues {
  readonly input: Json | undefined;
  readonly output: Json;
  readonly error: WorkError | null;
  /** The run that it was, where it called a workflow. */
  readonly run: string | undefined;
  readonly files: readonly SlotFile[];
}

/** A file that was handed back; `part` is the item or round that did, where the whole step is looked at. */
export interface SlotFile extends StepFile {
  readonly part?: number;
}

/** What a step has handed back, or all items or rounds of it, in their order. */
export function filesOf(step: Step): readonly SlotFile[] {
  const ofParts = (partsOf(step) ?? []).flatMap(({ index, files = [] }) =>
    files.map((file) => ({ ...file, part: index })),
  );
  return ofParts.length > 0 ? ofParts : (step.files ?? []);
}

/** What went into a step (`greet`) or an item or round of one (`each#3`), and what came out. */
export function findSlot(steps: readonly Step[], slot: string): SlotValues | undefined {
  const [id, index] = slot.split("#");
  const step = steps.find((one) => one.id === id);
  if (step === undefined || index === undefined)
    return step && valuesOf(step, step.input, filesOf(step));
  const item = partsOf(step)?.find((one) => one.index === Number(index));
  // An item's input is not told by the API.
  return item && valuesOf(item, undefined, item.files ?? []);
}

function valuesOf(
  from: Pick<Step, "output" | "error" | "attempts">,
  input: Json | undefined,
  files: readonly SlotFile[],
): SlotValues {
  return {
    input,
    output: from.output,
    error: from.error as WorkError | null,
    run: from.attempts.at(-1)?.run,
    files,
  };
}
