import type { JsonObject } from "@yardmaster/protocol";

export function answer(message: JsonObject, send: (message: JsonObject) => void): void;
