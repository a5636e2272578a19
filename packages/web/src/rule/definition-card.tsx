import { Link } from "@tanstack/react-router";
import type { RuleDetail } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Code } from "../design/code.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { Fact, Facts } from "../design/facts.tsx";
import { Notice } from "../design/notice.tsx";
import { MatchedLately } from "../rules/rule-row.tsx";

/** What a rule listens on, asks for and starts, and its text as it is in force. */
export function DefinitionCard({ rule }: { readonly rule: RuleDetail }) {
  const { on, run, if: condition, folder, file, line, source, errors } = rule;
  return (
    <Card title="Definition" aside={<CopyButton text={source} label="Copy the rule's text" />}>
      {errors.length > 0 && <BrokenEdit errors={errors} folder={folder} />}
      <Facts>
        <Fact name="Listens on">
          <Link to="/events" search={{ type: on }} className="text-accent underline">
            {on}
          </Link>
        </Fact>
        <Fact name="Matches if">{condition === null ? "always" : <Code>{condition}</Code>}</Fact>
        <Fact name="Starts">
          <Link to="/" search={{ ref: run }} className="text-accent underline">
            {run}
          </Link>
        </Fact>
        <Fact name="Lately">
          <MatchedLately matched={rule.matched} />
        </Fact>
        <Fact name="File">
          <Code>{`${folder === "" ? "" : `${folder}/`}${file}:${line}`}</Code>
        </Fact>
        <Fact name="Pack">
          {rule.pack}{" "}
          <code className="font-mono text-[0.8125rem] text-muted" title={rule.pack_digest}>
            {rule.pack_digest.slice(0, 12)}
          </code>
        </Fact>
      </Facts>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div tabIndex={0} className="max-h-96 overflow-auto border-t border-line bg-sunken px-4 py-3">
        <pre className="font-mono text-[0.8125rem] wrap-anywhere whitespace-pre-wrap">
          {source.trimEnd()}
        </pre>
      </div>
    </Card>
  );
}

const ERRORS_SHOWN = 5;

/** What stands in its folder is not what is shown. */
function BrokenEdit({ errors, folder }: Pick<RuleDetail, "errors" | "folder">) {
  const more = errors.length - ERRORS_SHOWN;
  return (
    <div className="p-3 pb-0">
      <Notice tone="bad">
        Its folder is broken now; this is the last good version, which goes on:
        <ul className="mt-1 list-disc space-y-1 pl-5">
          {errors.slice(0, ERRORS_SHOWN).map(({ path, message, hint }) => (
            <li key={`${path} ${message}`}>
              {path}: {message}
              {hint !== undefined && ` (${hint})`}
            </li>
          ))}
        </ul>
        {more > 0 && `and ${more} more: yard pack check ${folder}`}
      </Notice>
    </div>
  );
}
