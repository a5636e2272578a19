import { Link } from "@tanstack/react-router";
import { Fragment, useMemo } from "react";
import { formatMoment } from "../time/format.ts";
import { sentenceParts } from "./sentence-parts.ts";

interface SentenceProps {
  readonly text: string;
  /** False where the whole is a link already. */
  readonly hasLinks?: boolean;
}

/** A sentence of the server: its moments in the reader's time, its runs as links. */
export function Sentence({ text, hasLinks = true }: SentenceProps) {
  const parts = useMemo(() => sentenceParts(text), [text]);
  return parts.map((part, index) => {
    // biome-ignore-start lint/suspicious/noArrayIndexKey: pieces of one sentence stay where they are
    if (part.kind === "moment")
      return (
        <time key={index} dateTime={part.text} title={part.text}>
          {formatMoment(part.at, Date.now())}
        </time>
      );
    if (part.kind === "run" && hasLinks)
      return (
        <Link key={index} to="/runs/$id" params={{ id: part.id }} className="text-accent underline">
          {part.text}
        </Link>
      );
    return <Fragment key={index}>{part.text}</Fragment>;
    // biome-ignore-end lint/suspicious/noArrayIndexKey: pieces of one sentence stay where they are
  });
}
