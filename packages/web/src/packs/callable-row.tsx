import type { Action, Workflow } from "@yardmaster/protocol";
import type { ReactNode } from "react";
import { Button } from "../design/button.tsx";
import { FieldsTable } from "./fields-table.tsx";

interface CallableRowProps {
  readonly callable: Pick<Action | Workflow, "ref" | "description" | "input_schema">;
  /** What is said beside its name. */
  readonly note: string;
  /** More of it, below its input. */
  readonly children?: ReactNode;
  onStart(ref: string): void;
}

/** An action or a workflow: what it takes on demand, and a way to start it. */
export function CallableRow({ callable, note, children, onStart }: CallableRowProps) {
  const { ref, description, input_schema } = callable;
  return (
    <li className="relative">
      <details>
        <summary className="py-2 pr-24 pl-4 hover:bg-hover focus-visible:-outline-offset-2">
          <span className="font-medium wrap-anywhere">{ref}</span>{" "}
          <span className="text-[0.8125rem] text-muted">{note}</span>
          {description !== null && (
            <span className="block pl-4 text-muted wrap-anywhere">{description}</span>
          )}
        </summary>
        <div className="space-y-3 px-4 pt-1 pb-4 pl-8">
          <section>
            <h3 className="mb-1 text-[0.8125rem] font-semibold">Takes</h3>
            <FieldsTable schema={input_schema} />
          </section>
          {children}
        </div>
      </details>
      <Button
        type="button"
        className="absolute top-1.5 right-3"
        aria-label={`Start ${ref}`}
        onClick={() => onStart(ref)}
      >
        Start
      </Button>
    </li>
  );
}
