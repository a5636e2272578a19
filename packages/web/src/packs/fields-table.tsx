import type { Json } from "@yardmaster/protocol/core";
import { Code } from "../design/code.tsx";
import { JsonBlock } from "../design/json-block.tsx";
import { inputFields } from "./input-fields.ts";

/** What a schema takes or gives, field by field; the schema itself where it names no fields. */
export function FieldsTable({ schema }: { readonly schema: Json }) {
  const fields = inputFields(schema);
  if (fields === undefined) return <JsonBlock value={schema} />;
  if (fields.length === 0) return <p className="text-muted">Nothing.</p>;
  return (
    <dl className="space-y-2">
      {fields.map(({ name, type, isRequired, description, preset }) => (
        <div key={name}>
          <dt className="flex flex-wrap items-baseline gap-x-2">
            <Code>{name}</Code>
            <span className="text-[0.8125rem] text-muted wrap-anywhere">
              {type}
              {isRequired && ", must be given"}
              {preset !== undefined && `, else ${preset}`}
            </span>
          </dt>
          {description !== undefined && <dd className="text-muted wrap-anywhere">{description}</dd>}
        </div>
      ))}
    </dl>
  );
}
