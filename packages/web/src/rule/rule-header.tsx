import { Link } from "@tanstack/react-router";
import type { RuleDetail } from "@yardmaster/protocol";
import { Code } from "../design/code.tsx";
import { RULE_LOOKS } from "../rules/rule-looks.ts";
import { Badge } from "../status/badge.tsx";
import { Age } from "../time/moments.tsx";
import { SwitchButton } from "./switch-button.tsx";

interface RuleHeaderProps {
  readonly rule: RuleDetail;
  onSwitched(): void;
}

export function RuleHeader({ rule, onSwitched }: RuleHeaderProps) {
  return (
    <header>
      <nav aria-label="Breadcrumb" className="text-muted">
        <Link
          to="/rules"
          activeOptions={{ exact: true }}
          className="hover:text-ink hover:underline"
        >
          Rules
        </Link>
        <span aria-hidden> / </span>
        <Link
          to="/rules"
          activeOptions={{ exact: true }}
          search={{ text: `${rule.pack}.` }}
          className="hover:text-ink hover:underline"
        >
          {rule.pack}
        </Link>
      </nav>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{rule.rule}</h1>
        <span role="status">
          <Badge look={RULE_LOOKS[rule.status]} />
        </span>
        <SwitchButton rule={rule} onSwitched={onSwitched} />
      </div>
      {rule.description !== null && <p className="mt-1.5 wrap-anywhere">{rule.description}</p>}
      <Standing rule={rule} />
    </header>
  );
}

/** Since when and by whom it stands so, and what becomes of events meanwhile. */
function Standing({ rule: { rule, status, since, by } }: { readonly rule: RuleDetail }) {
  const who = (
    <>
      <Age at={since} /> by {by}
    </>
  );
  if (status === "active")
    return <p className="mt-1.5 text-muted">It judges what comes, set so {who}.</p>;
  return (
    <p className="mt-1.5 text-muted wrap-anywhere">
      {status === "paused" ? (
        <>It was paused {who}.</>
      ) : (
        <>
          Its file says <Code>enabled: false</Code>, set so {who}.
        </>
      )}{" "}
      What comes for it is held, also after it is resumed:{" "}
      <Code>{`yard events replay --rule ${rule} --outcome held --since ${since}`}</Code> lets it
      judge that.
    </p>
  );
}
