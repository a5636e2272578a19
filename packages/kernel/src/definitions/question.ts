import {
  AppError,
  type FieldError,
  isJsonObject,
  type Json,
  type JsonObject,
  parseDuration,
} from "@yardmaster/protocol";
import {
  checkJsonSchema,
  compileValidator,
  type JsonSchema,
  objectSchema,
  type SchemaError,
} from "../schema/index.ts";
import { MAX_DELAY_MS } from "./compile/fields/limits.ts";

/** Characters of the text that a person is asked with. */
export const MAX_PROMPT = 16_384;
const MAX_TITLE = 200;
const MAX_ASSIGNEES = 100;
/** Of an answer, as JSON text: as much as the output of a step. */
export const MAX_ANSWER_BYTES = 1_024 * 1_024;

/** The input of `core.ask`. */
export const ASK_INPUT: JsonSchema = {
  type: "object",
  properties: {
    prompt: { type: "string", minLength: 1, maxLength: MAX_PROMPT },
    title: { type: "string", minLength: 1, maxLength: MAX_TITLE },
    schema: { type: "object" },
    timeout: { type: "string", format: "duration" },
    default: { type: "object" },
    assigned_to: {
      anyOf: [
        { type: "string", minLength: 1 },
        {
          type: "array",
          items: { type: "string", minLength: 1 },
          minItems: 1,
          maxItems: MAX_ASSIGNEES,
        },
      ],
    },
  },
  required: ["prompt"],
  additionalProperties: false,
};

/** What a person is asked. */
export interface Question {
  readonly prompt: string;
  readonly title?: string;
  /** Of the answer, which is a map. */
  readonly schema: JsonSchema;
  /** Absent: it waits for as long as the run does. */
  readonly timeoutMs?: number;
  /** What counts as the answer when the time is over; fits the schema. */
  readonly default?: Json;
  /** Names of the tokens that may answer; absent: every one with the scope. */
  readonly assignedTo?: readonly string[];
  /** `lost`: what is to be done about an attempt whose worker died. */
  readonly about: "step" | "lost";
}

/** A schema of answers, or what is wrong with it. */
export type AnswerSchema =
  | { readonly ok: true; readonly schema: JsonSchema }
  | { readonly ok: false; readonly errors: readonly SchemaError[] };

/**
 * The schema of an answer as a definition writes it: a map of name → short form, as the input of an action, or a whole
 * JSON Schema, which says `type: object`. Nothing at all: any map.
 */
export function answerSchema(written: Json | undefined): AnswerSchema {
  if (written === undefined) return { ok: true, schema: { type: "object" } };
  if (!isJsonObject(written) || written["type"] !== "object")
    return objectSchema(written, { closed: true });
  const errors = checkJsonSchema(written);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, schema: written };
}

export type ReadQuestion =
  | { readonly ok: true; readonly question: Question }
  | { readonly ok: false; readonly flaw: QuestionFlaw };

/** What is wrong with a question; `path` leads to it within the input. */
export interface QuestionFlaw {
  readonly path: readonly string[];
  readonly message: string;
  readonly hint?: string;
}

/** The question of an input that fits ASK_INPUT. */
export function readQuestion(input: Json): ReadQuestion {
  const given = input as JsonObject & AskInput;
  const answer = answerSchema(given.schema);
  if (!answer.ok) return flawed(["schema"], answer.errors[0]);
  const timeoutMs = given.timeout === undefined ? undefined : parseDuration(given.timeout);
  const flaw = promptFlaw(given.prompt) ?? timeFlaw(timeoutMs) ?? defaultFlaw(given, answer.schema);
  if (flaw !== undefined) return { ok: false, flaw };
  const { prompt, title, assigned_to: assigned, default: fallback } = given;
  return {
    ok: true,
    question: {
      prompt,
      ...(title === undefined ? {} : { title }),
      schema: answer.schema,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(fallback === undefined ? {} : { default: filled(answer.schema, fallback) }),
      ...(assigned === undefined ? {} : { assignedTo: [assigned].flat() }),
      about: "step",
    },
  };
}

interface AskInput {
  readonly prompt: string;
  readonly title?: string;
  readonly schema?: JsonObject;
  readonly timeout?: string;
  readonly default?: JsonObject;
  readonly assigned_to?: string | readonly string[];
}

function flawed(within: readonly string[], error: SchemaError | undefined): ReadQuestion {
  const { path = [], message = "is not a schema", hint } = error ?? {};
  const told = { path: [...within, ...path.map(String)], message };
  return { ok: false, flaw: hint === undefined ? told : { ...told, hint } };
}

function promptFlaw(prompt: string): QuestionFlaw | undefined {
  if (prompt.trim() !== "") return undefined;
  return { path: ["prompt"], message: "prompt is blank: nobody would know what is asked" };
}

function timeFlaw(timeoutMs: number | undefined): QuestionFlaw | undefined {
  if (timeoutMs === undefined || (timeoutMs >= 1 && timeoutMs <= MAX_DELAY_MS)) return undefined;
  return {
    path: ["timeout"],
    message: `timeout must be from 1ms to ${MAX_DELAY_MS / 86_400_000}d`,
    hint: "leave it out, and the question waits for as long as its run does",
  };
}

function defaultFlaw(
  { default: fallback, timeout }: AskInput,
  schema: JsonSchema,
): QuestionFlaw | undefined {
  if (fallback === undefined) return undefined;
  if (timeout === undefined) {
    const message = "default is the answer when nobody has answered in time: it needs a timeout";
    return { path: ["default"], message, hint: "add timeout: 1h" };
  }
  const checked = compileValidator(schema).validate(fallback);
  if (checked.ok) return undefined;
  const { path = "", message = "", hint } = checked.errors[0] ?? {};
  const told = {
    path: ["default", ...path.split("/").slice(1)],
    message: `default does not fit the schema: ${message}`,
  };
  return hint === undefined ? told : { ...told, hint };
}

/** With what the schema gives to fields that are left out. */
function filled(schema: JsonSchema, value: Json): Json {
  const checked = compileValidator(schema).validate(value);
  return checked.ok ? checked.value : value;
}

/** The answer with its defaults. @throws AppError `invalid_input` with every field that does not fit, `too_large` */
export function checkAnswer(schema: JsonSchema, answer: Json): Json {
  const bytes = Buffer.byteLength(JSON.stringify(answer));
  if (bytes > MAX_ANSWER_BYTES)
    throw new AppError(
      "too_large",
      `The answer has ${bytes} bytes as JSON; ${MAX_ANSWER_BYTES} are allowed`,
    );
  const checked = compileValidator(schema).validate(answer);
  if (checked.ok) return checked.value;
  throw misfit(checked.errors, "the answer does not fit the schema of the question");
}

/** @param within JSON pointer of the value within the answer */
export function misfit(errors: readonly FieldError[], detail: string, within = ""): AppError {
  return new AppError("invalid_input", detail, {
    errors: errors.map((error) => ({ ...error, path: `/answer${within}${error.path}` })),
  });
}
