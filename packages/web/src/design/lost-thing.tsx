import { Link } from "@tanstack/react-router";
import { isAppError } from "@yardmaster/protocol/core";
import { Failure } from "./failure.tsx";
import { messageOf } from "./message-of.ts";
import { Notice } from "./notice.tsx";

interface LostThingProps {
  readonly error: unknown;
  /** What it would be: `task`. */
  readonly what: string;
  /** Where all of them are. */
  readonly list: "/tasks" | "/nodes" | "/queues" | "/packs";
}

/** The page of something that is not there, or cannot be read. */
export function LostThing({ error, what, list }: LostThingProps) {
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
      <Link to={list} className="text-accent underline">
        Show all {what}s
      </Link>
    </div>
  );
}

/** The page of something that is on its way. */
export function LoadingThing() {
  return (
    <div aria-busy="true" className="space-y-5">
      <p className="sr-only">Loading</p>
      <div className="h-8 w-64 motion-safe:animate-pulse rounded-lg bg-sunken" />
      <div className="h-64 motion-safe:animate-pulse rounded-xl bg-sunken" />
    </div>
  );
}
