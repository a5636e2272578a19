import { Link } from "@tanstack/react-router";
import { Fragment, useMemo } from "react";
import { formatMoment } from "../time/format.ts";
import { sentenceParts } from "./sentence-parts.ts";

interface SentenceProps {
  readonly text: string;
  /** False where the whole is a link already. */
  readonly hasLinks?: boolean;
}

const PAGES = { run: "/runs/$id", event: "/events/$id" } as const;

/** A sentence of the server: its moments in the reader's time, its runs and events as links. */
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
    if (part.kind !== "words" && hasLinks)
      return (
        <Link
          key={index}
          to={PAGES[part.kind]}
          params={{ id: part.id }}
          className="text-accent underline"
        >
          {part.text}
        </Link>
      );
    return <Fragment key={index}>{part.text}</Fragment>;
    // biome-ignore-end lint/suspicious/noArrayIndexKey: pieces of one sentence stay where they are
  });
}
