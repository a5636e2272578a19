import type { SensorDefinition } from "@yardmaster/kernel";
import {
  type FieldError,
  isAppError,
  isJsonObject,
  type Json,
  type JsonObject,
  nearest,
} from "@yardmaster/protocol";
import { type CloudEvent, checkOwnCloudEvent, sensorSource } from "../../events/index.ts";
import { parseJsonBody } from "../../json/index.ts";

/** The longest line that is read. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** The largest cursor, as JSON. */
export const MAX_CURSOR_BYTES = 64 * 1024;

/** What a line of stdout comes to. `cursor` is undefined where it says none. */
export type SensorLine =
  | { readonly kind: "empty" }
  | {
      readonly kind: "event";
      readonly event: CloudEvent;
      readonly cursor: Json | undefined;
    }
  | { readonly kind: "cursor"; readonly cursor: Json }
  /** A sentence that says where it is wrong, and how. */
  | { readonly kind: "refused"; readonly reason: string };

const KEYS = ["type", "data", "id", "subject", "time", "cursor"];
const BLANK = /^[ \t\r]*$/;
const MAX_ERRORS_TOLD = 3;

/** Reads a line, undefined where it was longer than may be. Never throws. */
export function readLine(line: Buffer | undefined, sensor: SensorDefinition): SensorLine {
  if (line === undefined)
    return refused(`it is longer than 1 MiB (${MAX_LINE_BYTES} bytes), and was not kept`);
  if (BLANK.test(line.toString("latin1", 0, 64)) && line.toString("utf8").trim() === "")
    return { kind: "empty" };
  try {
    return readValue(parseJsonBody(line) as Json, sensor);
  } catch (error) {
    if (isAppError(error)) return refused(inWords(error.message, error.errors));
    throw error;
  }
}

function readValue(value: Json, sensor: SensorDefinition): SensorLine {
  if (!isJsonObject(value)) return refused("it is no JSON object");
  const flaw = keyFlaw(value) ?? cursorFlaw(value);
  if (flaw !== undefined) return refused(flaw);
  const { cursor } = value;
  if (cursor !== undefined && Object.keys(value).length === 1) return { kind: "cursor", cursor };
  return readEvent(value, sensor);
}

function readEvent({ cursor, type: given, ...value }: JsonObject, sensor: SensorDefinition) {
  const type = typeOf(given, sensor);
  if (typeof type !== "string") return refused(type.flaw);
  if (value["data"] === undefined) return refused("/data is missing");
  const validator = sensor.events.get(type);
  const checked = validator?.validate(value["data"]);
  if (checked?.ok === false)
    return refused(told(checked.errors.map((error) => ({ ...error, path: `/data${error.path}` }))));
  const data = checked?.value ?? null;
  const event = checkOwnCloudEvent({ ...value, type, source: sensorSource(sensor.ref), data });
  return { kind: "event", event, cursor } as const;
}

/** The whole type: it may be left out where there is one alone, and be named without the pack. */
function typeOf(
  given: Json | undefined,
  { ref, events }: SensorDefinition,
): string | { readonly flaw: string } {
  const [only, ...others] = events.keys();
  if (given === undefined && others.length === 0 && only !== undefined) return only;
  if (given === undefined)
    return { flaw: `/type is missing: the sensor declares ${listed([...events.keys()])}` };
  if (typeof given !== "string") return { flaw: "/type must be text" };
  const whole = `${ref.slice(0, ref.indexOf("."))}.${given}`;
  const type = [given, whole].find((one) => events.has(one));
  if (type !== undefined) return type;
  const near = nearest(given, events.keys()) ?? nearest(whole, events.keys());
  const hint =
    near === undefined ? `it declares ${listed([...events.keys()])}` : `did you mean ${near}?`;
  return { flaw: `/type: the sensor declares no event ${shown(given)} (${hint})` };
}

function keyFlaw(value: JsonObject): string | undefined {
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown === undefined) return undefined;
  const near = nearest(unknown, KEYS);
  const hint = near === undefined ? `a line has ${KEYS.join(", ")}` : `did you mean ${near}?`;
  return `${shown(unknown)} is not known in a line (${hint})`;
}

function cursorFlaw({ cursor }: JsonObject): string | undefined {
  const bytes = cursor === undefined ? 0 : Buffer.byteLength(JSON.stringify(cursor));
  return bytes <= MAX_CURSOR_BYTES
    ? undefined
    : `/cursor has ${bytes} bytes, of which at most ${MAX_CURSOR_BYTES} are kept`;
}

/** Of JSON that cannot be read the message has the place; `Line 1` is always so. */
function inWords(message: string, errors: readonly FieldError[]): string {
  const sentence = message
    .replace(/^Line 1, column/, "no JSON from column")
    .replace(/^The body /, "it ");
  return errors.length === 0 || errors.some(({ path }) => /^\d/.test(path))
    ? sentence
    : told(errors);
}

function told(errors: readonly FieldError[]): string {
  const more = errors.length - MAX_ERRORS_TOLD;
  return errors
    .slice(0, MAX_ERRORS_TOLD)
    .map(({ path, message, hint }) => `${path} ${message}${hint === undefined ? "" : ` (${hint})`}`)
    .concat(more > 0 ? [`and ${more} more`] : [])
    .join("; ");
}

function listed(types: readonly string[]): string {
  return types.length <= 12 ? types.join(", ") : `${types.slice(0, 12).join(", ")}, …`;
}

const MAX_SHOWN = 100;

function shown(text: string): string {
  return JSON.stringify(text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`);
}

function refused(reason: string) {
  return { kind: "refused", reason } as const;
}
