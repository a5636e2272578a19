import { Link } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import type { Json } from "@yardmaster/protocol/core";
import { Card } from "../design/card.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { JsonBlock } from "../design/json-block.tsx";
import { Notice } from "../design/notice.tsx";
import { Sentence } from "../design/sentence.tsx";

interface ResultCardsProps {
  /** Whose they are. */
  readonly of: string;
  readonly input: Json | undefined;
  readonly output: Json;
  readonly error: Run["error"];
  /** Why it does not move; that of a run stands above all cards. */
  readonly reason?: string | null;
  /** The child run that it was. */
  readonly run?: string | undefined;
}

export function ResultCards({ of, input, output, error, reason = null, run }: ResultCardsProps) {
  const whose = of === "the run" ? "" : ` of ${of}`;
  return (
    <>
      {run !== undefined && (
        <Link to="/runs/$id" params={{ id: run }} className="block text-accent underline">
          Open the run that {of} was
        </Link>
      )}
      {reason !== null && (
        <Card title={`Reason${whose}`}>
          <p className="px-4 py-3 wrap-anywhere">
            <Sentence text={reason} />
          </p>
        </Card>
      )}
      {error !== null && (
        <Card title={`Error${whose}`} aside={<code className="text-muted">{error.code}</code>}>
          <div className="p-3">
            <Notice tone="bad">{error.message}</Notice>
          </div>
        </Card>
      )}
      {output !== null && <ValueCard title={`Output${whose}`} value={output} />}
      {input !== undefined && input !== null && <ValueCard title={`Input${whose}`} value={input} />}
    </>
  );
}

function ValueCard({ title, value }: { readonly title: string; readonly value: Json }) {
  const copy = <CopyButton text={JSON.stringify(value, null, 2)} label={`Copy ${title}`} />;
  return (
    <Card title={title} aside={copy}>
      <JsonBlock value={value} />
    </Card>
  );
}
