import type { Rule, RuleDetail } from "@yardmaster/protocol";
import type { Command } from "commander";
import { act, type Define, defaultList, type Host } from "../command.ts";
import { explanationLines } from "../output/explanation.ts";
import type { Output } from "../output/output.ts";
import { printable, withoutControl } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { defineTest } from "./rules-test.ts";
import { type StatusOption, withStatus } from "./status-option.ts";

const STATUSES = ["active", "paused", "off"] as const satisfies readonly Rule["status"][];

export const define: Define = (command, host) => {
  act<StatusOption<Rule["status"]>>(
    withStatus(
      defaultList(command, "list rules, whether they judge and how often they matched"),
      STATUSES,
    ),
    host,
    async ({ connect, out, io, options: { status } }) => {
      await out.list((await connect()).rules.list({ status }), {
        headings: ["RULE", "STATUS", "SINCE", "BY", "MATCHED 24H", "LAST", "ON", "RUN"],
        row: (rule) => [
          printable(rule.rule),
          statusWord(rule.status, out.paint),
          relativeTime(rule.since, io.now()),
          printable(rule.by),
          matchedText(rule),
          rule.matched.last_at === null ? "" : relativeTime(rule.matched.last_at, io.now()),
          printable(rule.on),
          printable(rule.run),
        ],
        empty:
          status === undefined
            ? "No rules. A pack defines them in rules/*.yaml."
            : `No rule is ${status}.`,
      });
    },
  );
  defineShow(command, host);
  defineSwitch(command, host, "pause", "pause a rule: it holds back what it would judge");
  defineSwitch(command, host, "resume", "let a rule judge, also one that is off in its pack");
  defineTest(command, host);
  defineExplain(command, host);
};

function matchedText({ matched: { count, at_least } }: Rule): string {
  return at_least ? `${count}+` : String(count);
}

function defineShow(command: Command, host: Host): void {
  const show = command
    .command("show")
    .description("show a rule with its file and its text")
    .argument("<rule>");
  act(show, host, async ({ args, connect, out }) => {
    const rule = await (await connect()).rules.get(args[0] as string);
    out.value(rule, () => showRule(rule, out));
  });
}

function showRule(rule: RuleDetail, { lines, paint }: Output): void {
  const folder = rule.folder === "" ? "" : `${rule.folder}/`;
  lines(
    `${paint.strong(printable(rule.rule))}  ${standingText(rule, paint)}`,
    ...(rule.description === null ? [] : [printable(rule.description)]),
    paint.faint(`${printable(folder)}${printable(rule.file)}:${rule.line}`),
    `matched ${matchedText(rule)} in the last 24 hours`,
    ...brokenLines(rule, paint),
    "",
    ...rule.source.trimEnd().split("\n").map(withoutControl),
  );
}

const ERRORS_SHOWN = 5;

/** What stands in the folder is not what is shown. */
function brokenLines({ errors, folder }: RuleDetail, paint: Output["paint"]): string[] {
  if (errors.length === 0) return [];
  const more = errors.length - ERRORS_SHOWN;
  return [
    "",
    paint.bad("Its folder is broken now; this is the last good version, which goes on:"),
    ...errors
      .slice(0, ERRORS_SHOWN)
      .map(
        ({ path, message }) => `  ${printable(path)}: ${printable(message.split("\n")[0] ?? "")}`,
      ),
    ...(more > 0 ? [`  and ${more} more: yard pack check ${printable(folder)}`] : []),
  ];
}

function standingText({ status, since, by }: Rule, paint: Output["paint"]): string {
  return `${statusWord(status, paint)} since ${since} by ${printable(by)}`;
}

function defineSwitch(
  command: Command,
  host: Host,
  verb: "pause" | "resume",
  description: string,
): void {
  const switching = command.command(verb).description(description).argument("<rule>");
  act(switching, host, async ({ args, connect, out }) => {
    const rule = await (await connect()).rules[verb](args[0] as string);
    out.value(rule, () => out.lines(`${printable(rule.rule)}  ${standingText(rule, out.paint)}`));
  });
}

function defineExplain(command: Command, host: Host): void {
  const explain = command
    .command("explain")
    .description("say how a rule judged lately, and why it did not fire")
    .argument("<rule>");
  act(explain, host, async ({ args, connect, out }) => {
    const explained = await (await connect()).rules.explain(args[0] as string);
    out.value(explained, () => out.lines(...explanationLines(explained, out.paint)));
  });
}
