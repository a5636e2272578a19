import type { Step } from "@yardmaster/protocol";
import { useState } from "react";
import { LineRow } from "./line-row.tsx";
import { PartLines } from "./part-lines.tsx";
import { partOf, partsLabel, partsOf } from "./slots.ts";
import { noteOf } from "./step-note.ts";
import { type Span, stepLine } from "./timeline.ts";

/** A for_each with more items begins folded up, unless one of them is looked at. */
const OPEN_PARTS = 8;

interface StepLinesProps {
  readonly step: Step;
  readonly span: Span;
  readonly slot: string | undefined;
  onSlot(slot: string | undefined): void;
}

/** A step, and under it the items of its for_each or the rounds of its repeat. */
export function StepLines({ step, span, slot, onSlot }: StepLinesProps) {
  const parts = partsOf(step);
  const [choice, setOpen] = useState(partOf(step, slot) === undefined ? undefined : true);
  const isOpen = choice ?? (parts !== null && parts.length <= OPEN_PARTS);
  const select = (wanted: string): void => onSlot(wanted === slot ? undefined : wanted);
  return (
    <li>
      <LineRow
        line={stepLine(step, span)}
        note={noteOf(step)}
        isChosen={slot === step.id}
        onChoose={select}
        {...(parts !== null &&
          parts.length > 0 && {
            fold: { label: partsLabel(step), isOpen, onToggle: () => setOpen(!isOpen) },
          })}
      />
      {isOpen && parts !== null && (
        <PartLines step={step} parts={parts} span={span} slot={slot} onChoose={select} />
      )}
    </li>
  );
}
