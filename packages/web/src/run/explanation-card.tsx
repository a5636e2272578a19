import type { Explanation } from "@yardmaster/protocol";
import { useState } from "react";
import { Card } from "../design/card.tsx";
import { Failure } from "../design/failure.tsx";
import { Sentence } from "../design/sentence.tsx";
import { ShowMore } from "../design/show-more.tsx";

/** What explanations have in common, whatever they are of. */
type Explained = Pick<Explanation, "summary" | "chain" | "unblock">;

interface ExplanationCardProps {
  readonly explanation: { readonly data: Explained | undefined; readonly error: unknown };
}

/** Why something is where it is, and what would move it. */
export function ExplanationCard({ explanation: { data, error } }: ExplanationCardProps) {
  if (data === undefined && error === null) return null;
  return (
    <Card title="Why">
      {data === undefined ? (
        <div className="p-3">
          <Failure error={error} to="read why this is so" />
        </div>
      ) : (
        <div className="space-y-3 px-4 py-3">
          {/* A long error stands above in a card of its own. */}
          <p className="line-clamp-4 font-medium wrap-anywhere">
            <Sentence text={data.summary} />
          </p>
          <Chain links={data.chain} />
          {data.unblock.length > 0 && (
            <div>
              <h3 className="text-[0.8125rem] font-semibold">What helps</h3>
              <ul className="mt-1 list-disc space-y-1 pl-5 text-muted">
                {data.unblock.map((way) => (
                  <li key={way} className="wrap-anywhere">
                    <Sentence text={way} />
                  </li>
                ))}
              </ul>
            </div>
          )}
        </div>
      )}
    </Card>
  );
}

/** Of an event that was judged over and over there are hundreds. */
const FIRST_LINKS = 12;

function Chain({ links }: { readonly links: readonly string[] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? links : links.slice(0, FIRST_LINKS);
  return (
    <ol className="space-y-2 border-l-2 border-line pl-3 text-muted">
      {shown.map((link) => (
        <li key={link} className="wrap-anywhere">
          <Sentence text={link} />
        </li>
      ))}
      {shown.length < links.length && (
        <ShowMore of={`${links.length} sentences`} className="pt-1" onMore={() => setWhole(true)} />
      )}
    </ol>
  );
}
