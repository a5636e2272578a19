import type { Json, WorkError } from "@yardmaster/protocol";
import type { Template } from "../expressions/index.ts";
import type { Validator } from "../schema/index.ts";

export type Rendered =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: WorkError };

/** What an attempt is given of secrets, by name. Whoever has them keeps them out of all that is stored or told. */
export interface SecretValues {
  readonly [name: string]: string;
}

/** What an action asks somebody for, with its input put in, held to what such a request is. `what` names it in errors. */
export function renderRequest(
  template: Template | undefined,
  input: Json,
  whole: Validator,
  what: string,
  secrets?: SecretValues,
): Rendered {
  const scope = secrets === undefined ? { input } : { input, secrets };
  const rendered = template?.render(scope) ?? { ok: true, value: input };
  if (!rendered.ok) {
    const message = `${what} could not be put together: ${rendered.error.message}`;
    return { ok: false, error: { code: "expression_failed", message } };
  }
  const checked = whole.validate(rendered.value);
  if (checked.ok) return checked;
  const first = checked.errors[0];
  const path = first?.path.slice(1).replaceAll("/", ".") ?? "";
  const message = `${what} is not valid: ${path} ${first?.message ?? ""}`.trim();
  return { ok: false, error: { code: "invalid_input", message } };
}
