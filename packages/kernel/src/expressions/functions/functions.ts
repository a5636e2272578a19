import { BIT_FUNCTIONS } from "./bit-functions.ts";
import { CLOCK_FUNCTIONS } from "./clock-functions.ts";
import { CONVERSION_FUNCTIONS } from "./conversion-functions.ts";
import { ENCODING_FUNCTIONS } from "./encoding-functions.ts";
import { FORMAT_FUNCTIONS } from "./format-functions.ts";
import { HASH_FUNCTIONS } from "./hash-functions.ts";
import { ISSUE_FUNCTIONS } from "./issue-functions.ts";
import { JMESPATH_FUNCTIONS } from "./jmespath-functions.ts";
import { LIST_FUNCTIONS } from "./list-functions.ts";
import { MAP_FUNCTIONS } from "./map-functions.ts";
import { MATH_FUNCTIONS } from "./math-functions.ts";
import { REGEX_FUNCTIONS } from "./regex-functions.ts";
import { SET_FUNCTIONS } from "./set-functions.ts";
import type { CelFunction, Functions } from "./signature.ts";
import { STRING_FUNCTIONS } from "./string-functions.ts";
import { TEXT_FUNCTIONS } from "./text-functions.ts";
import { TIME_FUNCTIONS } from "./time-functions.ts";

/** Every function, in the chapters and the order in which the docs show them. */
export const CHAPTERS: readonly { readonly title: string; readonly functions: Functions }[] = [
  { title: "Conversions", functions: CONVERSION_FUNCTIONS },
  { title: "Text", functions: { ...STRING_FUNCTIONS, ...TEXT_FUNCTIONS, ...FORMAT_FUNCTIONS } },
  { title: "Patterns", functions: REGEX_FUNCTIONS },
  { title: "Lists", functions: LIST_FUNCTIONS },
  { title: "Sets", functions: SET_FUNCTIONS },
  { title: "Maps", functions: MAP_FUNCTIONS },
  { title: "Numbers", functions: { ...MATH_FUNCTIONS, ...BIT_FUNCTIONS } },
  { title: "Times and durations", functions: { ...TIME_FUNCTIONS, ...CLOCK_FUNCTIONS } },
  { title: "Encodings", functions: ENCODING_FUNCTIONS },
  { title: "Hashes", functions: HASH_FUNCTIONS },
  { title: "JMESPath", functions: JMESPATH_FUNCTIONS },
  { title: "Issues", functions: ISSUE_FUNCTIONS },
];

export const FUNCTIONS: ReadonlyMap<string, CelFunction> = new Map(
  CHAPTERS.flatMap(({ functions }) => Object.entries(functions)),
);

/** What may stand before the dot of a function without being a variable. */
export const NAMESPACES: ReadonlySet<string> = new Set([
  "cel",
  ...[...FUNCTIONS.keys()]
    .filter((name) => name.includes("."))
    .map((name) => name.slice(0, name.indexOf("."))),
]);
