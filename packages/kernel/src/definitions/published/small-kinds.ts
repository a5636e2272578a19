import type { JsonObject } from "@yardmaster/protocol";
import { MAX_CONCURRENCY } from "../compile/fields/limits.ts";
import { EVENT_TYPE, MAX_NAME, RESERVED_PACKS } from "../compile/fields/names.ts";
import { MANIFEST_KEYS, VERSION } from "../compile/manifest.ts";
import { QUEUE_KEYS } from "../compile/queue.ts";
import { RULE_KEYS } from "../compile/rule.ts";
import { SOURCE_KEYS } from "../compile/source.ts";
import { CORE_ACTIONS } from "../core-pack.ts";
import { SOURCE_KINDS } from "../pack.ts";
import { closedMap, key } from "./closed-map.ts";
import { CONDITION, DESCRIPTION, FLAG, OWN_NAME, REF, SECRET_PLACE, WITH } from "./shared.ts";

export function packSchema(): JsonObject {
  return closedMap({
    keys: MANIFEST_KEYS,
    required: ["pack", "version"],
    of: {
      pack: key("The pack's name; what it defines begins with it.", {
        ...OWN_NAME,
        not: { enum: [...RESERVED_PACKS] },
      }),
      version: key("Three numbers: 1.0.0.", { type: "string", pattern: VERSION.source }),
      description: DESCRIPTION,
      author: key("Who wrote it."),
      license: key("Under which licence it may be used."),
      homepage: key("Where more about it is found."),
    },
  });
}

export function ruleSchema(): JsonObject {
  return closedMap({
    keys: RULE_KEYS,
    required: ["rule", "on", "run"],
    of: {
      rule: key("The rule's name: <pack>.<name>.", REF),
      description: DESCRIPTION,
      on: key("A type of event, or the beginning of one and .*", {
        type: "string",
        pattern: EVENT_TYPE.source,
        maxLength: 2 * MAX_NAME,
        examples: ["gitea.issue_assign", "github.pull_request", "gitea.*"],
      }),
      if: key(
        "An expression over event; where it does not hold, the rule does not match.",
        CONDITION,
      ),
      run: key("The workflow or action that is started.", {
        anyOf: [{ enum: [...CORE_ACTIONS.keys()] }, REF],
      }),
      with: key("The input of the run; takes ${{ event.… }}.", WITH),
      enabled: key("Whether it judges at all.", { ...FLAG, default: true }),
    },
  });
}

export function sourceSchema(): JsonObject {
  return closedMap({
    keys: SOURCE_KEYS,
    required: ["source", "kind", "secret"],
    of: {
      source: key("The source's name; webhooks come to POST /webhook/<name>.", OWN_NAME),
      description: DESCRIPTION,
      kind: key("Who sends, and so how it signs.", { enum: [...SOURCE_KINDS] }),
      secret: key("Where the secret is kept; never the secret itself.", SECRET_PLACE),
    },
  });
}

export function queueSchema(): JsonObject {
  const limit = { type: "integer", minimum: 1, maximum: MAX_CONCURRENCY };
  return {
    ...closedMap({
      keys: QUEUE_KEYS,
      required: ["queue"],
      of: {
        queue: key("The queue's name.", OWN_NAME),
        description: DESCRIPTION,
        concurrency: key("Attempts at once, over all keys.", limit),
        key_concurrency: key("Attempts at once with the same key.", limit),
        rate: key(
          "Attempts that may start in any stretch of a second, minute, hour or day, over all keys: 10/s, 100/m, 1000/h, 5/d.",
          { type: "string", pattern: "^(?:[1-9]\\d{0,3}|10000)/[smhd]$" },
        ),
        fifo: key("One run at a time for each key, in the order in which they came.", {
          ...FLAG,
          default: false,
        }),
      },
    }),
    if: { properties: { fifo: { const: true } }, required: ["fifo"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { key_concurrency: { const: 1 } } },
  };
}
