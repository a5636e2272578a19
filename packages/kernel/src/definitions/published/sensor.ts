import type { JsonObject } from "@yardmaster/protocol";
import { STARTS } from "../compile/action/process.ts";
import { NAME } from "../compile/fields/names.ts";
import { MAX_SENSOR_EVENTS, SENSOR_KEYS } from "../compile/sensor.ts";
import { START } from "./action.ts";
import { closedMap, key } from "./closed-map.ts";
import { DESCRIPTION, REF } from "./shared.ts";

export function sensorSchema(): JsonObject {
  const { input_as: _, ...start } = START;
  const map = closedMap({
    keys: SENSOR_KEYS,
    required: ["sensor", "events"],
    of: {
      sensor: key("The sensor's name: <pack>.<name>.", REF),
      description: DESCRIPTION,
      ...start,
      config: key("Given to the process in the first line of its stdin, as it stands.", {
        type: "object",
      }),
      events: key(
        "The events that it sends: of each type, named without its pack, what its data is.",
        {
          type: "object",
          propertyNames: { pattern: NAME.source },
          additionalProperties: { $ref: "#/$defs/fields" },
          minProperties: 1,
          maxProperties: MAX_SENSOR_EVENTS,
        },
      ),
    },
  });
  return {
    ...map,
    oneOf: STARTS.map((name) => ({ required: [name] })),
    dependentRequired: { shell: ["script"] },
  };
}
