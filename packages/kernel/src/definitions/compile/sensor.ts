import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import { compileValidator, objectSchema, type Validator } from "../../schema/index.ts";
import { type DocumentNode, jsonOf, type MapNode } from "../document.ts";
import { type SensorDefinition, SOURCE_KINDS } from "../pack.ts";
import type { Report } from "../problem.ts";
import { readStarted, START_KEYS } from "./action/process.ts";
import type { Fields } from "./fields/fields.ts";
import { checkName } from "./fields/names.ts";
import { kindOf } from "./fields/read-value.ts";
import { reportAll } from "./fields/schemas.ts";

/** What a sensor starts is said as in an action; its stdin is the conversation with Yardmaster. */
export const SENSOR_START_KEYS = START_KEYS.filter((key) => key !== "input_as");

export const SENSOR_KEYS = ["sensor", "description", ...SENSOR_START_KEYS, "config", "events"];

/** Most types of events that one sensor declares. */
export const MAX_SENSOR_EVENTS = 100;

/** Of each type that sensors of the pack send what its data is; undefined where that could not be read. */
export type SensorEvents = Map<string, Validator | undefined>;

export interface SensorContext {
  readonly pack: string;
  readonly packDigest: string;
  readonly files: ReadonlySet<string>;
  /** Those of the sensors before it; its own are added. */
  readonly events: SensorEvents;
}

/** The definition where all of it could be read; what could not is reported. */
export function readSensor(
  ref: string,
  fields: Fields,
  { pack, packDigest, files, events: known }: SensorContext,
  report: Report,
): SensorDefinition | undefined {
  const started = readStarted(fields, "a sensor", files, report, CONFIG_HINT);
  const config = readConfig(fields.get("config"), report);
  const events = readEvents(fields, pack, known, report);
  const description = fields.text("description");
  if (started === undefined || config === undefined || events === undefined) return undefined;
  return {
    ref,
    process: { kind: "process", ...started, output: "none" },
    config,
    events,
    packDigest,
    ...(description === undefined ? {} : { description }),
  };
}

const CONFIG_HINT = "config arrives as JSON in the first line of stdin";

function readConfig(node: DocumentNode | undefined, report: Report): JsonObject | undefined {
  if (node === undefined) return {};
  const config = jsonOf(node);
  if (isJsonObject(config)) {
    refuseExpressions(node, report);
    return config;
  }
  const message = `config must be a map, not ${kindOf(node)}`;
  report(node.place, message, "write config: { every: 10s }");
  return undefined;
}

/** A sensor is no run, so that there is nothing that an expression could see. */
function refuseExpressions(node: DocumentNode, report: Report): void {
  if (node.kind === "list") for (const item of node.items) refuseExpressions(item, report);
  else if (node.kind === "map")
    for (const { value } of node.entries.values()) refuseExpressions(value, report);
  else if (typeof node.value === "string" && node.value.includes("${{"))
    report(
      node.inside(node.value.indexOf("${{")),
      "config takes no expressions",
      "a sensor is given its config as it stands here",
    );
}

function readEvents(
  fields: Fields,
  pack: string,
  known: SensorEvents,
  report: Report,
): Map<string, Validator> | undefined {
  const node = fields.get("events");
  if (node === undefined) {
    report(fields.place, 'a sensor needs "events"', EVENTS_HINT);
    return undefined;
  }
  if (node.kind !== "map") {
    report(node.place, `events must be a map, not ${kindOf(node)}`, EVENTS_HINT);
    return undefined;
  }
  if (node.entries.size === 0) report(node.place, "events is empty", EVENTS_HINT);
  if (node.entries.size > MAX_SENSOR_EVENTS)
    report(node.place, `a sensor sends at most ${MAX_SENSOR_EVENTS} types of events`);
  if (isKindOfSource(pack))
    report(
      fields.keyPlace("events"),
      `events of a pack "${pack}" would have the types of the sources of kind ${pack}`,
      "give the pack of the sensor another name",
    );
  const events = eventsIn(node, pack, known, report);
  return events.size > 0 && events.size === node.entries.size ? events : undefined;
}

const EVENTS_HINT = "write events: { NAME: { field: string! } }, of each type what its data is";

function eventsIn(
  node: MapNode,
  pack: string,
  known: SensorEvents,
  report: Report,
): Map<string, Validator> {
  const events = new Map<string, Validator>();
  for (const [name, { keyPlace, value }] of node.entries) {
    if (name.startsWith(`${pack}.`)) {
      const hint = `write ${name.slice(pack.length + 1)}: the type begins with the pack by itself`;
      report(keyPlace, `"${name}" is named without its pack here`, hint);
      continue;
    }
    if (!checkName(name, "the name of an event", keyPlace, report)) continue;
    const type = `${pack}.${name}`;
    const declared = readData(name, value, report);
    if (known.has(type))
      report(
        keyPlace,
        `another sensor of the pack sends "${type}" already`,
        "a type has one sender: give it another name, or make one sensor of the two",
      );
    else known.set(type, declared);
    if (declared !== undefined) events.set(type, declared);
  }
  return events;
}

function readData(name: string, value: DocumentNode, report: Report): Validator | undefined {
  const result = objectSchema(jsonOf(value), { closed: false });
  if (result.ok) return compileValidator(result.schema);
  reportAll(value, result.errors, report, name);
  return undefined;
}

function isKindOfSource(pack: string): boolean {
  return SOURCE_KINDS.some((kind) => kind === pack);
}
