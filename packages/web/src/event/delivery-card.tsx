import type { EventDetail } from "@yardmaster/protocol";
import { sizeText } from "@yardmaster/protocol/core";
import { Card } from "../design/card.tsx";
import { Code } from "../design/code.tsx";
import { Fact, Facts } from "../design/facts.tsx";
import { Notice } from "../design/notice.tsx";
import { formatDay } from "../time/format.ts";

type Delivery = NonNullable<EventDetail["delivery"]>;

/** In what an event arrived. Its body is the event's data. */
export function DeliveryCard({ delivery }: { readonly delivery: Delivery }) {
  const { channel, received_at, sender_id, verified_by, body_bytes, duplicates } = delivery;
  const headers = Object.entries(delivery.headers);
  return (
    <Card title="Delivery" aside={<span className="text-muted">{channel}</span>}>
      {delivery.problem !== null && (
        <div className="p-3">
          <Notice tone="bad">{delivery.problem}</Notice>
        </div>
      )}
      <Facts>
        <Fact name="Delivery">
          <Code>{delivery.id}</Code>
        </Fact>
        <Fact name="Arrived">{formatDay(received_at)}</Fact>
        <Fact name="Verified by">{verified_by}</Fact>
        {sender_id !== null && (
          <Fact name="Sender's id">
            <Code>{sender_id}</Code>
          </Fact>
        )}
        <Fact name="Body">{sizeText(body_bytes)}</Fact>
        {duplicates.length > 0 && (
          <Fact name="Repeated">
            {duplicates.length === 100 ? "100 times or more" : timesText(duplicates.length)}, not
            judged again
          </Fact>
        )}
      </Facts>
      {headers.length > 0 && (
        <details className="border-t border-line px-4 py-2">
          <summary className="text-muted">
            {headers.length === 1 ? "1 header" : `${headers.length} headers`}
          </summary>
          <dl className="mt-2 space-y-1 font-mono text-[0.8125rem]">
            {headers.map(([name, value]) => (
              <div key={name} className="wrap-anywhere">
                <dt className="inline text-muted">{name}: </dt>
                <dd className="inline">{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </Card>
  );
}

function timesText(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
