import type { Check } from "@yardmaster/protocol";
import type { Forge, Hook } from "../forge/index.ts";

/** What a hook must send for issues; the forges name more of them, and `*` is all. */
const ISSUE_EVENTS = ["issues", "issues_only", "*"];

/** Whether a hook of a project sends what happens to issues here, as far as the token may see. */
export async function hooksCheck(
  forge: Forge,
  project: string,
  { source, lastAt }: { readonly source: string; readonly lastAt: string | undefined },
): Promise<Check> {
  const check = `hook.${project}`;
  const path = `/webhook/${source}`;
  const say = (status: Check["status"], summary: string, advice: string | null): Check => ({
    ...{ check, status, summary, advice },
  });
  const found = await forge.hooks(project);
  if (!found.ok)
    return say(
      lastAt === undefined ? "warn" : "ok",
      `the hooks of ${project} cannot be read: ${found.problem.message}`,
      lastAt === undefined
        ? `see by hand that one posts to ${path}; an administrator's token could`
        : null,
    );
  const hooks = found.value.filter(({ url }) => pathOf(url) === path);
  const [hook = undefined] = [...hooks.filter(({ isActive }) => isActive), ...hooks];
  if (hook === undefined)
    return say(
      lastAt === undefined ? "bad" : "warn",
      `no hook of ${project} posts to ${path}; one of its organization may`,
      `add one for issues, with the secret of the source ${source}`,
    );
  const flaw = flawOf(hook);
  if (flaw !== undefined) return say(flaw.status, flaw.summary, flaw.advice);
  if (lastAt === undefined && forge.kind !== "github")
    return say(
      "warn",
      `a hook posts to ${path}, and nothing has come in yet`,
      "send its test delivery. By default Gitea and Forgejo send to no private address: their administrator lists this host in [webhook] ALLOWED_HOST_LIST",
    );
  return say("ok", `a hook posts to ${path}`, null);
}

type Flaw = Pick<Check, "status" | "summary" | "advice">;

function flawOf({ url, isActive, events, hasSecret, lastFailure }: Hook): Flaw | undefined {
  if (!isActive)
    return { status: "bad", summary: `the hook to ${url} is switched off`, advice: "switch it on" };
  if (hasSecret === false)
    return {
      status: "bad",
      summary: `the hook to ${url} has no secret: what it sends is refused`,
      advice: "give it the secret of the source",
    };
  if (lastFailure !== undefined)
    return {
      status: "bad",
      summary: `the last delivery of the hook to ${url} failed: ${lastFailure}`,
      advice: "see that this address can be reached from there, then send it again",
    };
  if (events.length > 0 && !events.some((one) => ISSUE_EVENTS.includes(one)))
    return {
      status: "warn",
      summary: `the hook to ${url} sends ${events.join(", ")}, and nothing of issues`,
      advice: "have it send the events of issues too",
    };
  return undefined;
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, "") : "";
}
