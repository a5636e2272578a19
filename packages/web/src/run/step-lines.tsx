import type { Step } from "@yardmaster/protocol";
import { useState } from "react";
import { LineRow } from "./line-row.tsx";
import { partsOf } from "./slots.ts";
import { noteOf } from "./step-note.ts";
import { itemLine, type Span, stepLine } from "./timeline.ts";

/** A for_each with more items begins folded up. */
const OPEN_ITEMS = 8;
/** More are drawn on demand: ten thousand lines would make the page slow. */
const PAGE_ITEMS = 100;

interface StepLinesProps {
  readonly step: Step;
  readonly span: Span;
  readonly slot: string | undefined;
  onSlot(slot: string | undefined): void;
}

/** A step, and under it the items of its for_each. */
export function StepLines({ step, span, slot, onSlot }: StepLinesProps) {
  const items = partsOf(step);
  const [choice, setOpen] = useState<boolean>();
  const [shown, setShown] = useState(PAGE_ITEMS);
  const isOpen = choice ?? (items !== null && items.length <= OPEN_ITEMS);
  const select = (wanted: string): void => onSlot(wanted === slot ? undefined : wanted);
  return (
    <li>
      <LineRow
        line={stepLine(step, span)}
        note={noteOf(step)}
        isChosen={slot === step.id}
        onChoose={select}
        {...(items !== null && items.length > 0 && { isOpen, onToggle: () => setOpen(!isOpen) })}
      />
      {isOpen && items !== null && (
        <ol aria-label={`Items of ${step.id}`}>
          {items.slice(0, shown).map((item) => (
            <li key={item.index}>
              <LineRow
                line={itemLine(step, item, span)}
                note=""
                isItem
                isChosen={slot === `${step.id}#${item.index}`}
                onChoose={select}
              />
            </li>
          ))}
          {items.length > shown && (
            <li className="px-4 py-1 pl-14">
              <button
                type="button"
                className="text-accent underline"
                onClick={() => setShown(shown + PAGE_ITEMS)}
              >
                Show more of {items.length} items
              </button>
            </li>
          )}
        </ol>
      )}
    </li>
  );
}
