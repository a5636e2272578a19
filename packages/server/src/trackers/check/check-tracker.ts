import type { Check, Source, TrackerCheckup } from "@yardmaster/protocol";
import type { Answer, Forge, Problem } from "../forge/index.ts";
import type { OpenTracker } from "../tracker-door.ts";
import { whyUnready } from "../tracker-view.ts";
import { hooksCheck } from "./hooks-check.ts";

export interface CheckDeps {
  /** When the newest delivery of a source came; RFC 3339. */
  readonly lastDelivery: (source: string) => Promise<string | undefined>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Reaches a tracker, and says all that is wrong at once. Never rejects for what the tracker does. */
export async function checkTracker(
  tracker: OpenTracker,
  source: Source | undefined,
  { lastDelivery, now }: CheckDeps,
): Promise<TrackerCheckup> {
  const lastAt = await lastDelivery(tracker.source);
  const checks = [sourceCheck(tracker, source, lastAt)];
  const forge = await tracker.forge();
  checks.push(await tokenCheck(tracker, forge));
  if (forge.ok && checks.at(-1)?.status !== "bad")
    for (const project of tracker.projects)
      checks.push(
        ...(await projectChecks(forge.value, project, { source: tracker.source, lastAt })),
      );
  return {
    tracker: tracker.name,
    status: worstOf(checks),
    checked_at: new Date(now()).toISOString(),
    checks,
  };
}

function worstOf(checks: readonly Check[]): Check["status"] {
  const has = (status: Check["status"]) => checks.some((one) => one.status === status);
  return has("bad") ? "bad" : has("warn") ? "warn" : "ok";
}

function sourceCheck(
  tracker: OpenTracker,
  source: Source | undefined,
  lastAt: string | undefined,
): Check {
  const check = "source";
  const { source: name } = tracker;
  const why = whyUnready(tracker, source);
  if (why !== undefined || source === undefined)
    return { check, status: "bad", summary: why ?? "", advice: "make it, or name another one" };
  if (source.status !== "active")
    return {
      ...{ check, status: "bad" },
      summary: `the source ${name} takes no deliveries: ${source.reason}`,
      advice: `yard sources show ${name}`,
    };
  const { refused } = source;
  if (refused !== null && (lastAt === undefined || refused.last_at > lastAt))
    return {
      ...{ check, status: "bad" },
      summary: `the source ${name} refuses what comes, ${refused.count} so far, the last at ${refused.last_at}: ${refused.last_reason}`,
      advice: `give the hook the secret of the source: yard sources rotate ${name} --generate-secret`,
    };
  const heard = lastAt === undefined ? "nothing has come in yet" : `the last came at ${lastAt}`;
  return {
    check,
    status: "ok",
    summary: `the source ${name} takes deliveries; ${heard}`,
    advice: null,
  };
}

async function tokenCheck({ name, bot }: OpenTracker, forge: Answer<Forge>): Promise<Check> {
  const check = "token";
  const account: Answer<{ login: string }> = forge.ok ? await forge.value.whoAmI() : forge;
  if (!account.ok) {
    // A token that may not say whose it is may do all else.
    const status = account.problem.kind === "forbidden" ? "warn" : "bad";
    return {
      check,
      status,
      summary: account.problem.message,
      advice: adviceFor(account.problem, name),
    };
  }
  const { login } = account.value;
  if (bot !== null && bot.toLowerCase() !== login.toLowerCase())
    return {
      ...{ check, status: "warn" },
      summary: `the token is of ${login}, and the bot is ${bot}: what Yardmaster does itself would not be known as such`,
      advice: `yard trackers change ${name} --bot ${login}, or give it a token of ${bot}`,
    };
  return { check, status: "ok", summary: `the token is of ${login}`, advice: null };
}

function adviceFor({ kind }: Problem, name: string): string {
  switch (kind) {
    case "auth":
      return `set a token that is valid: yard trackers change ${name} --token-file PATH`;
    case "forbidden":
      return "give the token the right to read its user (read:user), then the bot's own acts can be told";
    case "blocked":
      return "allow the address with YARD_HTTP_ALLOW, and start anew";
    case "not_found":
      return "correct the url: it is the base of the API, such as https://gitea.example/api/v1";
    case "rate_limited":
      return "look again when more may be asked";
    default:
      return "see that the tracker is up, and that its url is right";
  }
}

async function projectChecks(
  forge: Forge,
  project: string,
  heard: { readonly source: string; readonly lastAt: string | undefined },
): Promise<Check[]> {
  const check = `project.${project}`;
  const found = await forge.repository(project);
  if (!found.ok) {
    const { kind, message } = found.problem;
    const missing =
      kind === "not_found" ? `there is no ${project}, or the token may not see it` : message;
    const advice =
      kind === "moved"
        ? "name it by its new name"
        : "correct its name, or give the token the right to read it";
    return [{ check, status: "bad", summary: missing, advice }];
  }
  const { fullName, hasIssues, isArchived, mayWrite } = found.value;
  const flaws: Check[] = [];
  const warn = (summary: string, advice: string) =>
    void flaws.push({ check, status: "warn", summary, advice });
  if (fullName.toLowerCase() !== project.toLowerCase())
    warn(`${project} is called ${fullName} now`, "name it so: webhooks come under that name");
  if (!hasIssues) warn(`${project} has its issues switched off`, "switch them on in its settings");
  if (isArchived) warn(`${project} is archived: nothing of it changes`, "take it out");
  if (mayWrite === false)
    warn(
      `the token may not write to ${project}`,
      "give its account the right to, for comments and labels",
    );
  const reached: Check = { check, status: "ok", summary: `${project} can be read`, advice: null };
  return [...(flaws.length > 0 ? flaws : [reached]), await hooksCheck(forge, project, heard)];
}
