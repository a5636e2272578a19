import { Link } from "@tanstack/react-router";
import type { DeliveryRecord } from "@yardmaster/protocol";
import { sizeText } from "@yardmaster/protocol/core";
import { Badge } from "../status/badge.tsx";
import { ICONS, type Look, TONES } from "../status/look.ts";
import { Age } from "../time/moments.tsx";

const TAKEN: Look = { word: "Taken", ...TONES.good, icon: ICONS.check };
const DUPLICATE: Look = {
  word: "Duplicate",
  ...TONES.quiet,
  icon: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
};
const REFUSED: Look = { word: "Refused", ...TONES.bad, icon: ICONS.cross };

function lookOf({ problem, duplicate_of }: DeliveryRecord): Look {
  if (problem !== null) return REFUSED;
  return duplicate_of === null ? TAKEN : DUPLICATE;
}

export function DeliveryRow({ delivery }: { readonly delivery: DeliveryRecord }) {
  const { source, channel, sender_id, body_bytes, received_at, event_id } = delivery;
  const { problem, duplicate_of, verified_by } = delivery;
  const facts = [channel, `verified by ${verified_by}`, sizeText(body_bytes), sender_id];
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 border-line px-4 py-2.5 not-last:border-b sm:grid-cols-[8rem_1fr_auto]">
      <span>
        <Badge look={lookOf(delivery)} />
      </span>
      <div className="min-w-0 max-sm:order-last max-sm:col-span-2">
        <p className="font-medium wrap-anywhere">{source}</p>
        <p className="text-[0.8125rem] text-muted wrap-anywhere">
          {facts.filter((fact) => fact !== null).join(" · ")}
        </p>
        {problem !== null && <p className="text-bad wrap-anywhere">{problem}</p>}
        {duplicate_of !== null && (
          <p className="text-[0.8125rem] text-muted wrap-anywhere">
            repeats delivery {duplicate_of}; not judged again
          </p>
        )}
        {event_id !== null && (
          <Link to="/events/$id" params={{ id: event_id }} className="text-accent underline">
            Its event
          </Link>
        )}
      </div>
      <span className="text-right text-muted">
        <Age at={received_at} />
      </span>
    </li>
  );
}
