import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";

/** Of a schema whose keywords may be missing, or anything. */

export function isOfMaps({ type }: JsonObject): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object"));
}

export function requiredOf(schema: JsonObject): readonly Json[] {
  return Array.isArray(schema["required"]) ? schema["required"] : [];
}

export function propertiesOf({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {};
}

export function entriesOf(map: JsonObject): [string, Json][] {
  return Object.entries(map).filter((entry): entry is [string, Json] => entry[1] !== undefined);
}
