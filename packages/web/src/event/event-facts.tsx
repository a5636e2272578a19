import { Link } from "@tanstack/react-router";
import type { EventDetail } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Code } from "../design/code.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { Fact, Facts } from "../design/facts.tsx";
import { formatDay } from "../time/format.ts";

/** The CloudEvent without its data, and where it stands among others. */
export function EventFacts({ event }: { readonly event: EventDetail }) {
  const { id, type, source, subject, origin_id, dataschema, caused_by, depth } = event;
  const trace = event.traceparent?.split("-")[1];
  return (
    <Card title="Details" aside={<CopyButton text={id} label="Copy the event's id" />}>
      <Facts>
        <Fact name="Event">
          <Code>{id}</Code>
        </Fact>
        <Fact name="Type">
          <Link to="/events" search={{ type }} className="text-accent underline">
            {type}
          </Link>
        </Fact>
        <Fact name="Source">
          <Link to="/events" search={{ source }} className="text-accent underline">
            {source}
          </Link>
        </Fact>
        {subject !== null && <Fact name="Subject">{subject}</Fact>}
        <Fact name="Happened">{formatDay(event.time)}</Fact>
        <Fact name="Arrived">{formatDay(event.received_at)}</Fact>
        {origin_id !== null && (
          <Fact name="Sender's id">
            <Code>{origin_id}</Code>
          </Fact>
        )}
        {dataschema !== null && <Fact name="Schema">{dataschema}</Fact>}
        {Object.entries(event.extensions ?? {}).map(([name, value]) => (
          <Fact key={name} name={name}>
            {typeof value === "string" ? value : JSON.stringify(value)}
          </Fact>
        ))}
        {trace !== undefined && (
          <Fact name="Trace">
            <Link to="/events" search={{ trace }} className="text-accent underline">
              {trace}
            </Link>
          </Fact>
        )}
        {caused_by !== null && (
          <Fact name="Follows">
            <Link to="/events/$id" params={{ id: caused_by }} className="text-accent underline">
              {caused_by}
            </Link>
            {depth > 1 && `, ${depth} runs from outside`}
          </Fact>
        )}
      </Facts>
    </Card>
  );
}
