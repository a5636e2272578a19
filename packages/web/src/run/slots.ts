import type { Step, StepFile, StepItem } from "@yardmaster/protocol";
import { isFinal, type Json, type WorkError } from "@yardmaster/protocol/core";

/** The step, or the item or round of one (`each#3`), that an address of a run says is looked at. */
export function readChosenSlot(search: Readonly<Record<string, unknown>>): { step?: string } {
  const { step } = search;
  return typeof step === "string" && step !== "" ? { step } : {};
}

/** The items of a for_each, or the rounds of a repeat. */
export function partsOf(step: Step): readonly StepItem[] | null {
  return step.items ?? step.rounds ?? null;
}

/** What the parts of a step are. */
export function partsWord({ rounds }: Pick<Step, "rounds">): "items" | "rounds" {
  return rounds === undefined ? "items" : "rounds";
}

/** For people: `Items of each`, `Rounds of poll`. */
export function partsLabel(step: Pick<Step, "id" | "rounds">): string {
  return `${step.rounds === undefined ? "Items" : "Rounds"} of ${step.id}`;
}

/** Whether a part has ended otherwise than it should. */
export function hasFailed({ status }: StepItem): boolean {
  return isFinal(status) && status !== "success" && status !== "skipped";
}

export interface SlotValues {
  readonly input: Json | undefined;
  readonly output: Json;
  readonly error: WorkError | null;
  /** Why it does not move, where it does not. */
  readonly reason: string | null;
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

/** The index of the item or round of a step that a slot is; undefined where it is none of it. */
export function partOf(step: Step, slot: string | undefined): number | undefined {
  const [id, index] = slot?.split("#") ?? [];
  return id === step.id && /^\d+$/.test(index ?? "") ? Number(index) : undefined;
}

/** What went into a step (`greet`) or an item or round of one (`each#3`), and what came out. */
export function findSlot(steps: readonly Step[], slot: string): SlotValues | undefined {
  const [id, index] = slot.split("#");
  const step = steps.find((one) => one.id === id);
  if (step === undefined || index === undefined)
    return step && { ...valuesOf(step, step.input, filesOf(step)), reason: step.reason };
  const item = partsOf(step)?.find((one) => one.index === Number(index));
  // Why an item waits is not told by the API.
  return item && { ...valuesOf(item, item.input, item.files ?? []), reason: null };
}

function valuesOf(
  from: Pick<Step, "output" | "error" | "attempts">,
  input: Json | undefined,
  files: readonly SlotFile[],
): Omit<SlotValues, "reason"> {
  return {
    input,
    output: from.output,
    error: from.error as WorkError | null,
    run: from.attempts.at(-1)?.run,
    files,
  };
}
