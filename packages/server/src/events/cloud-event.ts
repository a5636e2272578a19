import { parseTimestamp } from "@yardmaster/kernel";
import {
  AppError,
  type FieldError,
  isJsonObject,
  isReservedEventType,
  type Json,
  type JsonObject,
} from "@yardmaster/protocol";

/** A CloudEvent 1.0 as somebody posted it, checked. */
export interface CloudEvent {
  readonly id?: string;
  readonly source?: string;
  readonly type: string;
  readonly subject?: string;
  /** As it was given, RFC 3339. */
  readonly time?: string;
  readonly dataschema?: string;
  readonly traceparent?: string;
  readonly extensions: JsonObject | null;
  readonly data: Json;
}

const MAX_LENGTH: { readonly [name: string]: number } = {
  id: 300,
  source: 300,
  type: 300,
  subject: 1_000,
  time: 40,
  dataschema: 1_000,
  traceparent: 100,
  datacontenttype: 100,
};
const CORE = new Set(["specversion", "data", "data_base64", ...Object.keys(MAX_LENGTH)]);
const TYPE = /^[A-Za-z0-9][A-Za-z0-9._/:-]*$/;
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");
const EXTENSION = /^[a-z0-9]{1,50}$/;
/** Control characters and lone surrogates, which the specification forbids in attributes. */
const FORBIDDEN = /[\p{Cc}\p{Cs}]/u;
const JSON_TYPE = /^(application|text)\/([^;]+\+)?json\s*(;|$)/i;

/** The CloudEvents source of what a sensor sends. */
export function sensorSource(ref: string): string {
  return `${SENSORS}${ref}`;
}

const SENSORS = "/sensors/";

/**
 * Checks a structured CloudEvent. `specversion`, `id` and `source` may be left out by people who post by hand.
 * @throws AppError `invalid_request` with every wrong place, `reserved_event_type` for types that are our own.
 */
export function checkCloudEvent(value: Json, path = ""): CloudEvent {
  const event = checkOwnCloudEvent(value, path);
  // With an id that the sensor will send, it would make the sensor's own event a duplicate.
  if (event.source?.startsWith(SENSORS) === true)
    throw invalid([
      {
        path: `${path}/source`,
        message: `begins with ${SENSORS}, as the events of sensors alone`,
        expected: "another source, or none",
      },
    ]);
  if (!isReservedEventType(event.type)) return event;
  throw new AppError(
    "reserved_event_type",
    `Events of type ${event.type} come from Yardmaster itself and cannot be posted.`,
  );
}

/** The same for what is not taken in: our own types are as good as any. @throws AppError `invalid_request` */
export function checkOwnCloudEvent(value: Json, path = ""): CloudEvent {
  if (!isJsonObject(value))
    throw invalid([{ path, message: "must be a JSON object", expected: "a CloudEvent" }]);
  const errors = attributeErrors(value).map((error) => ({
    ...error,
    path: `${path}${error.path}`,
  }));
  if (errors.length > 0) throw invalid(errors);
  const type = value["type"] as string;
  const given = Object.fromEntries(
    ["id", "source", "subject", "time", "dataschema", "traceparent"]
      .filter((name) => typeof value[name] === "string")
      .map((name) => [name, value[name]]),
  );
  return { ...given, type, extensions: extensionsOf(value), data: value["data"] ?? null };
}

function attributeErrors(value: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const wrong = (name: string, message: string, expected?: string): void => {
    errors.push({ path: `/${name}`, message, ...(expected === undefined ? {} : { expected }) });
  };
  if (value["type"] === undefined) wrong("type", "is missing", "text such as com.example.thing");
  if ((value["specversion"] ?? "1.0") !== "1.0") wrong("specversion", "is not supported", "1.0");
  if (value["data_base64"] !== undefined)
    wrong("data_base64", "is not supported: data must be JSON", "data");
  for (const [name, max] of Object.entries(MAX_LENGTH)) {
    const attribute = value[name];
    if (attribute === undefined) continue;
    if (typeof attribute !== "string" || attribute === "")
      wrong(name, "must be text that is not empty");
    else if (attribute.length > max) wrong(name, "is too long", `at most ${max} characters`);
    else if (FORBIDDEN.test(attribute)) wrong(name, "holds a character that is not allowed");
    else if (name === "type" && !TYPE.test(attribute))
      wrong(name, "is not an event type", "letters, digits and . _ - / :");
    else if (name === "time" && !isTime(attribute)) wrong(name, "is not a time", "RFC 3339");
    else if (name === "datacontenttype" && !JSON_TYPE.test(attribute))
      wrong(name, "is not supported", "application/json");
  }
  for (const [name, extension] of Object.entries(value)) {
    if (CORE.has(name)) continue;
    if (!EXTENSION.test(name))
      wrong(name, "is not the name of an extension attribute", "a-z and 0-9");
    else if (!["string", "number", "boolean"].includes(typeof extension))
      wrong(name, "must be text, a number or a boolean");
    else if (FORBIDDEN.test(String(extension)))
      wrong(name, "holds a character that is not allowed");
  }
  return errors;
}

/** A time of the calendar that PostgreSQL can hold too: it knows no year 0. */
function isTime(text: string): boolean {
  const ms = parseTimestamp(text);
  return ms !== undefined && ms >= FIRST_MS && ms <= LAST_MS;
}

function extensionsOf(value: JsonObject): JsonObject | null {
  const entries = Object.entries(value).filter(([name]) => !CORE.has(name));
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

function invalid(errors: readonly FieldError[]): AppError {
  return new AppError("invalid_request", "The CloudEvent is not valid.", { errors });
}
