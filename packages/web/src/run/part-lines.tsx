import type { Step, StepItem } from "@yardmaster/protocol";
import { useEffect, useRef, useState } from "react";
import { ShowMore } from "../design/show-more.tsx";
import { LineRow } from "./line-row.tsx";
import { hasFailed, partOf, partsLabel, partsWord } from "./slots.ts";
import { partLine, type Span } from "./timeline.ts";

/** More are drawn on demand: ten thousand lines would make the page slow. */
const PAGE_PARTS = 100;
/** In fewer one sees at once what failed. */
const MANY_PARTS = 8;

interface PartLinesProps {
  readonly step: Step;
  readonly parts: readonly StepItem[];
  readonly span: Span;
  readonly slot: string | undefined;
  onChoose(slot: string): void;
}

/** The items of a for_each, or the rounds of a repeat: all, or those that failed. */
export function PartLines({ step, parts, span, slot, onChoose }: PartLinesProps) {
  const chosen = partOf(step, slot) ?? 0;
  const [most, setMost] = useState(Math.ceil((chosen + 1) / PAGE_PARTS) * PAGE_PARTS);
  const [isFailedOnly, setFailedOnly] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  // One that the address names may be far down.
  useEffect(() => {
    list.current?.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
  }, []);
  const wanted = isFailedOnly ? parts.filter(hasFailed) : parts;
  return (
    <>
      {parts.length > MANY_PARTS && parts.some(hasFailed) && (
        <label className="flex items-center gap-2 py-1 pr-4 pl-14 text-muted">
          <input
            type="checkbox"
            checked={isFailedOnly}
            onChange={() => setFailedOnly(!isFailedOnly)}
          />
          Only what failed
        </label>
      )}
      <ol ref={list} aria-label={partsLabel(step)}>
        {wanted.slice(0, most).map((part) => (
          <li key={part.index}>
            <LineRow
              line={partLine(step, part, span)}
              note=""
              isPart
              isChosen={slot === `${step.id}#${part.index}`}
              onChoose={onChoose}
            />
          </li>
        ))}
        {wanted.length > most && (
          <ShowMore
            of={`${wanted.length} ${partsWord(step)}`}
            className="px-4 py-1 pl-14"
            onMore={() => setMost(most + PAGE_PARTS)}
          />
        )}
      </ol>
    </>
  );
}
