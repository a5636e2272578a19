/** The doors that JSON comes in by: what is taken can be stored, passed on and read back as the same value. */
export { parseForeignJson } from "./foreign-json.ts";
export { parseJsonBody, pointerPart } from "./json-body.ts";
export { placeOf } from "./json-place.ts";
export { DEPTH_LIMIT, type Read, readJson, utf8Flaw } from "./json-value.ts";
export { ownTurn } from "./own-turn.ts";
export { yamlExcess } from "./yaml-excess.ts";
export { isTooNested } from "./yaml-nesting.ts";
export { parseYamlText } from "./yaml-parse.ts";
