import { Link } from "@tanstack/react-router";
import { isAppError } from "@yardmaster/protocol/core";
import { Failure } from "../design/failure.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import type { SECTIONS } from "./sections.ts";

interface NotShownProps {
  readonly error: unknown;
  /** `run`, `event`, … */
  readonly what: string;
  /** Where all of them are. */
  readonly all: (typeof SECTIONS)[number]["to"];
}

/** In the place of the page of one thing: there is no such thing, or why it cannot be shown. */
export function NotShown({ error, what, all }: NotShownProps) {
  const isNone = isAppError(error) && ["not_found", "invalid_request"].includes(error.code);
  return (
    <div className="mx-auto max-w-lg space-y-4 py-16">
      <title>{`No ${what} — Yardmaster`}</title>
      <h1 className="text-lg font-semibold">
        {isNone ? `There is no such ${what}` : `This ${what} cannot be shown`}
      </h1>
      {isNone ? (
        <Notice tone="plain">{messageOf(error)}</Notice>
      ) : (
        <Failure error={error} to={`read ${what}s`} />
      )}
      <Link to={all} className="text-accent underline">
        Show all {what}s
      </Link>
    </div>
  );
}
