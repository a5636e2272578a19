import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import type { Ajv2020, FuncKeywordDefinition, ValidateFunction } from "ajv/dist/2020.js";
import type { DataValidateFunction } from "ajv/dist/types/index.js";
import { evaluatedBy, type Takes } from "./evaluated.ts";

type Name = "unevaluatedItems" | "unevaluatedProperties";

/**
 * `unevaluatedItems` and `unevaluatedProperties`, worked out for each value. Ajv's own take what `contains` found for
 * all items or for none, and mix up the branches of an `if`. `judge` makes validators that fill in nothing.
 */
export function unevaluated(keyword: Name, judge: () => Ajv2020): FuncKeywordDefinition {
  return {
    keyword,
    type: keyword === "unevaluatedItems" ? "array" : "object",
    schemaType: ["boolean", "object"],
    errors: "full",
    compile(schema: Json, parent, { schemaEnv }) {
      const root = schemaEnv.root.schema as JsonObject;
      const made = new Map<JsonObject, ValidateFunction>();
      const validatorOf = (part: JsonObject): ValidateFunction => {
        const known = made.get(part);
        if (known !== undefined) return known;
        const whole = { ...part, $defs: root["$defs"] ?? {} };
        const ajv = judge();
        const validator = ajv.compile(whole);
        ajv.removeSchema(whole);
        made.set(part, validator);
        return validator;
      };
      const takes: Takes = (part, value) =>
        isJsonObject(part)
          ? judgedOnce(part, value, () => validatorOf(part)(value))
          : part === true;

      const check: DataValidateFunction = (value, cxt) => {
        const { all, keys } = evaluatedBy(parent as JsonObject, value, root, takes);
        if (all) return true;
        const places = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
        for (const place of places) {
          if (keys.has(place) || takes(schema, value[place])) continue;
          const at = cxt?.instancePath ?? "";
          check.errors = isJsonObject(schema)
            ? errorsOf(validatorOf(schema), value[place]).map((error) => ({
                ...error,
                // Ajv puts the whole list or map in the place of `data`.
                params: { ...error.params, own: error.data },
                instancePath: `${at}/${pointer(place)}${error.instancePath}`,
              }))
            : [{ keyword, instancePath: at, parentSchema: parent, ...said(keyword, place) }];
          return false;
        }
        return true;
      };
      return check;
    },
  };
}

function errorsOf(validator: ValidateFunction, value: Json) {
  validator(value);
  return validator.errors ?? [];
}

let judged = new WeakMap<object, Map<JsonObject, boolean>>();

/** Before a value is checked: what was found of another says nothing of it. */
export function forgetJudged(): void {
  judged = new WeakMap();
}

/** Where a schema refers to itself, each level would judge all those below twice, and 40 of them take for ever. */
function judgedOnce(part: JsonObject, value: Json, judge: () => boolean): boolean {
  if (typeof value !== "object" || value === null) return judge();
  const known = judged.get(value) ?? new Map<JsonObject, boolean>();
  judged.set(value, known);
  const before = known.get(part);
  if (before !== undefined) return before;
  const fits = judge();
  known.set(part, fits);
  return fits;
}

function said(keyword: Name, place: string | number) {
  return keyword === "unevaluatedItems"
    ? { message: `must NOT have an item at ${place}`, params: { unevaluatedItem: place } }
    : { message: "must NOT have unevaluated properties", params: { unevaluatedProperty: place } };
}

function pointer(place: string | number): string {
  return String(place).replaceAll("~", "~0").replaceAll("/", "~1");
}
