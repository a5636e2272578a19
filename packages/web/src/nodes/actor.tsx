import { Link } from "@tanstack/react-router";
import { isUuid } from "@yardmaster/protocol/core";

/** Who did something: a run is a link. */
export function Actor({ actor }: { readonly actor: string }) {
  const run = /^run:(.*)$/.exec(actor)?.[1];
  if (run === undefined || !isUuid(run)) return actor;
  return (
    <Link to="/runs/$id" params={{ id: run }} className="text-accent underline">
      {actor}
    </Link>
  );
}
