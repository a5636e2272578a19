import type {
  ListRules,
  Rule,
  RuleDetail,
  RuleExplained,
  RuleHistory,
  RuleTrial,
  TestRule,
} from "@yardmaster/protocol";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

/** The rule that is tried: its ref, or the text of a file that need not be loaded. */
type Tried = Pick<TestRule, "rule" | "file">;

export interface RulesClient {
  /** Those of all packs, by name. */
  list(filter?: Listing<ListRules>): AsyncGenerator<Rule, void, undefined>;
  /** With the text of its file. */
  get(ref: string, options?: CallOptions): Promise<RuleDetail>;
  /** It judges no event until it is resumed. */
  pause(ref: string, options?: CallOptions): Promise<Rule>;
  /** Lets it judge again, what comes from now on. */
  resume(ref: string, options?: CallOptions): Promise<Rule>;
  /** How it judged lately, and why it did not fire. */
  explain(ref: string, options?: CallOptions): Promise<RuleExplained>;
  /** Judges one event, and does nothing. */
  test(
    trial: Tried & Pick<TestRule, "event" | "event_id">,
    options?: CallOptions,
  ): Promise<RuleTrial>;
  /** Judges the events since a time, and does nothing; a piece at a time, until `next` is null. */
  history(
    trial: Tried & Pick<TestRule, "since" | "until" | "matches">,
    options?: CallOptions,
  ): AsyncGenerator<RuleHistory, void, undefined>;
}

export function createRulesClient(transport: Transport): RulesClient {
  const path = (ref: string, part = "") => `/v1/rules/${encodeURIComponent(ref)}${part}`;
  const switched =
    (verb: "pause" | "resume"): RulesClient["pause"] =>
    (ref, { signal } = {}) =>
      transport.json({ method: "POST", path: path(ref, `/${verb}`), signal });
  const test = <Answer>(body: TestRule, { signal }: CallOptions): Promise<Answer> =>
    transport.json({ method: "POST", path: "/v1/rules/test", body, signal });

  return {
    list: (filter = {}) => listPages(transport, "/v1/rules", filter),
    get: (ref, { signal } = {}) => transport.json({ path: path(ref), signal }),
    pause: switched("pause"),
    resume: switched("resume"),
    explain: (ref, { signal } = {}) => transport.json({ path: path(ref, "/explain"), signal }),
    test: (trial, options = {}) => test(trial, options),
    async *history(trial, options = {}) {
      let cursor: string | undefined;
      do {
        const piece: RuleHistory = await test({ ...trial, cursor }, options);
        yield piece;
        cursor = piece.next ?? undefined;
      } while (cursor !== undefined);
    },
  };
}
