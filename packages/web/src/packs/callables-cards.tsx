import type { Action, Workflow } from "@yardmaster/protocol";
import { parseDuration } from "@yardmaster/protocol/core";
import { Card } from "../design/card.tsx";
import { Failure } from "../design/failure.tsx";
import type { Part } from "../live/read-part.ts";
import { formatDuration } from "../time/format.ts";
import { CallableRow } from "./callable-row.tsx";
import { FieldsTable } from "./fields-table.tsx";

interface CardProps<Of> {
  readonly of: Part<readonly Of[]>;
  onStart(ref: string): void;
}

export function WorkflowsCard({ of: { data, error }, onStart }: CardProps<Workflow>) {
  if (data?.length === 0) return null;
  return (
    <Card title="Workflows">
      {data === undefined && <NotRead error={error} to="read workflows" />}
      <ul className="divide-y divide-line">
        {data?.map((workflow) => (
          <CallableRow
            key={workflow.ref}
            callable={workflow}
            note={workflow.steps.length === 1 ? "1 step" : `${workflow.steps.length} steps`}
            onStart={onStart}
          >
            <section>
              <h3 className="mb-1 text-[0.8125rem] font-semibold">Steps</h3>
              <ol className="space-y-1">
                {workflow.steps.map(({ id, uses, needs }) => (
                  <li key={id} className="wrap-anywhere">
                    {id} <span className="text-muted">uses {uses}</span>
                    {needs.length > 0 && (
                      <span className="text-muted">, after {needs.join(", ")}</span>
                    )}
                  </li>
                ))}
              </ol>
            </section>
          </CallableRow>
        ))}
      </ul>
    </Card>
  );
}

export function ActionsCard({ of: { data, error }, onStart }: CardProps<Action>) {
  if (data?.length === 0) return null;
  return (
    <Card title="Actions">
      {data === undefined && <NotRead error={error} to="read actions" />}
      <ul className="divide-y divide-line">
        {data?.map((action) => (
          <CallableRow
            key={action.ref}
            callable={action}
            note={actionNote(action)}
            onStart={onStart}
          >
            {action.output_schema !== null && (
              <section>
                <h3 className="mb-1 text-[0.8125rem] font-semibold">Gives</h3>
                <FieldsTable schema={action.output_schema} />
              </section>
            )}
          </CallableRow>
        ))}
      </ul>
    </Card>
  );
}

function actionNote({ runner, timeout, attempts, queue }: Action): string {
  return [
    runner,
    `within ${formatDuration(parseDuration(timeout) ?? 0)}`,
    attempts === 1 ? "" : `${attempts} tries`,
    queue === null ? "" : `queue ${queue}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function NotRead({ error, to }: { readonly error: unknown; readonly to: string }) {
  return (
    <div className="p-4">
      <Failure error={error} to={to} />
    </div>
  );
}
