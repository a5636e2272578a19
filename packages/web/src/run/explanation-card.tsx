import type { UseQueryResult } from "@tanstack/react-query";
import type { Explanation } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { Sentence } from "../design/sentence.tsx";

/** Why the run is where it is, and what would move it. */
export function ExplanationCard({
  explanation: { data, error },
}: {
  readonly explanation: UseQueryResult<Explanation>;
}) {
  if (data === undefined && error === null) return null;
  return (
    <Card title="Why">
      {data === undefined ? (
        <div className="p-3">
          <Notice tone="bad">{messageOf(error)}</Notice>
        </div>
      ) : (
        <div className="space-y-3 px-4 py-3">
          {/* A long error stands above in a card of its own. */}
          <p className="line-clamp-4 font-medium wrap-anywhere">
            <Sentence text={data.summary} />
          </p>
          <ol className="space-y-2 border-l-2 border-line pl-3 text-muted">
            {data.chain.map((link) => (
              <li key={link} className="wrap-anywhere">
                <Sentence text={link} />
              </li>
            ))}
          </ol>
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
