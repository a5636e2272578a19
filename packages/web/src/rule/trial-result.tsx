import { Link } from "@tanstack/react-router";
import type { RuleTrial } from "@yardmaster/protocol";
import type { Json } from "@yardmaster/protocol/core";
import { OUTCOMES } from "../decisions/outcomes.ts";
import { Code } from "../design/code.tsx";
import { JsonBlock } from "../design/json-block.tsx";
import { jsonText } from "../design/json-text.ts";
import { Notice } from "../design/notice.tsx";
import { Badge, LookIcon } from "../status/badge.tsx";
import { ICONS, type Look, TONES } from "../status/look.ts";

/** What a rule makes of one event, clause by clause, and what it would start. */
export function TrialResult({ trial }: { readonly trial: RuleTrial }) {
  const { listens, held, status, reason, clauses, run } = trial;
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <Badge look={OUTCOMES[status]} />
        {reason !== null && <span className="text-muted wrap-anywhere">{reason}</span>}
      </p>
      {!listens && (
        <Notice tone="warn">
          It does not listen on events of this type: it would not be asked.
        </Notice>
      )}
      {held !== null && <Notice tone="warn">It would be held now: {held}.</Notice>}
      {clauses.length > 0 && (
        <ul aria-label="Clauses" className="divide-y divide-line rounded-lg border border-line">
          {clauses.map((clause) => (
            <Clause key={clause.clause} clause={clause} />
          ))}
        </ul>
      )}
      {run !== null && <WouldStart run={run} />}
    </>
  );
}

type ClauseSaid = RuleTrial["clauses"][number];

const CLAUSE_LOOKS: Record<ClauseSaid["outcome"], Look> = {
  true: { word: "holds", ...TONES.good, icon: ICONS.check },
  false: { word: "does not hold", ...TONES.bad, icon: ICONS.cross },
  missing: { word: "does not hold: a field is missing", ...TONES.bad, icon: ICONS.cross },
  error: { word: "cannot be judged", ...TONES.bad, icon: ICONS.cross },
};

function Clause({ clause: { clause, outcome, message, values } }: { readonly clause: ClauseSaid }) {
  const look = CLAUSE_LOOKS[outcome];
  return (
    <li className="space-y-1 px-3 py-2">
      <div className="flex items-start gap-2">
        <LookIcon look={look} className="mt-0.5" />
        <div className="min-w-0">
          <Code>{clause}</Code> <span className={look.ink}>{look.word}</span>
          {message !== null && <p className="text-muted wrap-anywhere">{message}</p>}
        </div>
      </div>
      <dl className="space-y-0.5 pl-6 font-mono text-[0.8125rem] text-muted">
        {values.map(({ path, found, value, cut }) => (
          <div key={path} className="wrap-anywhere">
            <dt className="inline">{path}</dt>{" "}
            <dd className="inline">{found ? <>= {shown(value, cut)}</> : "is not there"}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** One that is cut is the beginning of its JSON already. */
function shown(value: Json, isCut: boolean): string {
  return isCut ? `${String(value)} …` : jsonText(value);
}

type WouldRun = NonNullable<RuleTrial["run"]>;

function WouldStart({ run: { ref, input } }: { readonly run: WouldRun }) {
  return (
    <section aria-label="What it would start" className="rounded-lg border border-line">
      <p className="border-b border-line px-4 py-2">
        It would start{" "}
        <Link to="/" search={{ ref }} className="text-accent underline">
          {ref}
        </Link>{" "}
        with
      </p>
      <JsonBlock value={input} />
    </section>
  );
}
