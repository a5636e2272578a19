import { memo, useLayoutEffect, useRef, useState } from "react";
import { Button } from "../design/button.tsx";
import { Card } from "../design/card.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import type { LogRow } from "./log-text.ts";
import { useLogs } from "./use-logs.ts";

interface LogCardProps {
  readonly id: string;
  readonly slot: string | undefined;
  /** Whether the run has ended: what is still read was written before. */
  readonly isOver: boolean;
  /** Shows the log of the whole run again. */
  onAll(): void;
}

export function LogCard({ id, slot, isOver, onAll }: LogCardProps) {
  const { rows, hasOlder, isOpen, error } = useLogs(id, slot);
  const aside = (
    <span className="flex items-center gap-2">
      {slot !== undefined && (
        <Button type="button" kind="quiet" onClick={onAll}>
          Whole run
        </Button>
      )}
      {isOpen && <span className="text-muted">{isOver ? "reading" : "following"}</span>}
      {rows.length > 0 && <CopyButton text={() => textOf(rows)} label="Copy the log" />}
    </span>
  );
  return (
    <Card title={slot === undefined ? "Log" : `Log of ${slot}`} aside={aside}>
      {error !== undefined && (
        <div className="p-4">
          <Notice tone="bad">{messageOf(error)}</Notice>
        </div>
      )}
      {rows.length === 0 ? (
        <p className="px-4 py-6 text-center text-muted">{emptyText(isOpen, isOver)}</p>
      ) : (
        <Rows rows={rows} hasOlder={hasOlder} id={id} hasSlots={slot === undefined} />
      )}
    </Card>
  );
}

function emptyText(isOpen: boolean, isOver: boolean): string {
  if (!isOpen) return "Nothing was written.";
  return isOver ? "Reading the log…" : "Nothing written yet.";
}

function textOf(rows: readonly LogRow[]): string {
  return rows.map(({ text }) => `${text}\n`).join("");
}

interface RowsProps {
  readonly rows: readonly LogRow[];
  readonly hasOlder: boolean;
  readonly id: string;
  readonly hasSlots: boolean;
}

/** How near to the end counts as at the end. */
const END_PX = 24;

/** Stays at the end while the reader is there, and stays where they are when they have gone back. */
function Rows({ rows, hasOlder, id, hasSlots }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new rows are what moves the end
  useLayoutEffect(() => {
    if (isAtEnd) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [rows, isAtEnd]);
  function onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = box.current as HTMLDivElement;
    setAtEnd(scrollHeight - scrollTop - clientHeight < END_PX);
  }
  return (
    <div className="relative">
      <div
        ref={box}
        role="log"
        aria-live="off"
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
        className="max-h-120 overflow-auto bg-sunken py-2 font-mono text-[0.8125rem] leading-5 focus-visible:-outline-offset-2"
      >
        {hasOlder && (
          <p className="px-4 pb-2 text-muted">Older lines are not shown: yard logs {id}</p>
        )}
        {rows.map((row) => (
          <Row key={row.key} row={row} hasSlot={hasSlots} />
        ))}
      </div>
      {!isAtEnd && (
        <Button
          type="button"
          className="absolute right-4 bottom-3 shadow"
          onClick={() => setAtEnd(true)}
        >
          To the end
        </Button>
      )}
    </div>
  );
}

const STREAM_LOOKS = {
  stdout: "border-transparent",
  stderr: "border-warn",
  yard: "border-transparent text-muted italic",
  raw: "border-transparent text-muted",
} as const;

/** Of a long name the item stays: it is all that tells its lines from those of the others. */
function SlotName({ slot }: { readonly slot: string }) {
  const [, step, item] = /^([^#]*)(.*)$/.exec(slot) ?? [];
  return (
    <span className="flex w-24 shrink-0 text-muted select-none max-sm:hidden">
      <span className="truncate">{step}</span>
      <span className="shrink-0">{item}</span>
    </span>
  );
}

const Row = memo(function Row({
  row,
  hasSlot,
}: {
  readonly row: LogRow;
  readonly hasSlot: boolean;
}) {
  return (
    <div
      title={`${row.slot} · ${row.stream} · ${new Date(row.at).toLocaleTimeString()}`}
      className="flex gap-2 px-4 [contain-intrinsic-size:auto_1.25rem] [content-visibility:auto]"
    >
      {hasSlot && <SlotName slot={row.slot} />}
      <span
        className={`min-w-0 border-l-2 pl-2 wrap-anywhere whitespace-pre-wrap ${STREAM_LOOKS[row.stream]}`}
      >
        {row.text === "" ? " " : row.text}
      </span>
    </div>
  );
});
