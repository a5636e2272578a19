import type { Json } from "@yardmaster/protocol";
import {
  type CheckedTemplate,
  type Compiled,
  type CompileError,
  compileTemplate,
  misfitsOf,
} from "../expressions/index.ts";
import type { Validator } from "../schema/index.ts";
import { visibleEvent } from "./compile/fields/visible.ts";
import { SCHEDULE_DUE } from "./compile/schedule-due.ts";

/**
 * The input of a task that is not a pack's: its texts may hold `${{ event.data.… }}`, as `with` of one that is. Without
 * expressions it fits `schema` as a whole; of expressions the types do, as far as they are known.
 */
export function compileTaskInput(input: Json, schema?: Validator): Compiled<CheckedTemplate> {
  const compiled = compileTemplate(input, visibleEvent(SCHEDULE_DUE).types);
  if (!compiled.ok || schema === undefined) return compiled;
  const errors = compiled.value.constant
    ? misfitsOfValue(input, schema)
    : misfitsOf(compiled.value.gives, schema.schema);
  return errors.length === 0 ? compiled : { ok: false, errors };
}

function misfitsOfValue(input: Json, schema: Validator): CompileError[] {
  const checked = schema.validate(input);
  if (checked.ok) return [];
  return checked.errors.map(({ path, message, hint }) => ({
    path: path.split("/").slice(1),
    offset: 0,
    message,
    ...(hint === undefined ? {} : { hint }),
  }));
}
