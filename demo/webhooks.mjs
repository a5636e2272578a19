import { collect, showDelivery, showReply } from "./show-event.mjs";
import { showRun } from "./show-run.mjs";

const ISSUE = { file: "issue-assigned", group: "issues", type: "issue_assign" };
const PULL_REQUEST = { file: "pull-request-opened", group: "pull_request", type: "pull_request" };
const PUSH = { file: "push", group: "push", type: "push" };

export async function assignedIssue(stage) {
  const { screen, check } = stage;
  screen.title("Gitea says: issue #161 was assigned to mosaic");
  const { status, reply, event, decisions } = await showDelivery(stage, ISSUE);
  check("a signed issue event is answered by 200, success, assigned, 161", () => {
    const { status: word, action, issue_number } = reply;
    return status === 200 && word === "success" && action === "assigned" && issue_number === 161;
  });
  check("it became the event gitea.issue_assign", () => event.type === "gitea.issue_assign");
  const [matched, other] = ["examples.on-assign", "examples.on-urgent"].map((rule) =>
    decisions.find((decision) => decision.rule === rule),
  );
  check("on-assign matched it", () => matched.status === "matched");
  check("on-urgent did not, and its failing clause is the label", () => {
    return other.status === "not_matched" && other.clause.includes('label.name == "urgent"');
  });
  const { run, steps } = await showRun(stage, matched.run_id);
  check("its run greeted both names, in order", () => {
    const { greetings } = run.output;
    return greetings.length === 2 && greetings[0] === "Hello, Rotate the webhook secret!";
  });
  check("the fan-out had an attempt for each item", () => {
    return steps.find(({ id }) => id === "each").items.every((item) => item.attempts.length === 1);
  });
  await redelivered(stage, event);
}

/** Gitea's "Redelivery" button sends the same body under a new delivery id. */
async function redelivered({ screen, client, send, check }, event) {
  screen.line("Somebody presses Redelivery in Gitea: the same body, under a new delivery id.");
  const again = await send(ISSUE);
  showReply(screen, ISSUE, again);
  const runs = await collect(client.runs.list({ event: event.id }));
  const isSame = check(
    "a redelivery is answered like the first",
    () => again.reply.event === event.id,
  );
  const isQuiet = check("a redelivery starts nothing", () => runs.length === 1);
  if (isSame && isQuiet) screen.field("", "the same answer as before, and nothing more starts");
}

export async function openedPullRequest(stage) {
  const { screen, check } = stage;
  screen.title("Gitea says: pull request #163 was opened");
  const { decisions } = await showDelivery(stage, PULL_REQUEST);
  check("one rule judged the pull request, and matched", () => {
    return decisions.length === 1 && decisions[0].status === "matched";
  });
  const { run } = await showRun(stage, decisions[0].run_id);
  check("the pull request was checked", () => run.status === "success" && run.input.number === 163);
}

export async function push(stage) {
  const { screen, check } = stage;
  screen.title("Gitea says: a branch was pushed");
  const { event, decisions } = await showDelivery(stage, PUSH);
  check("a push that no rule listens to is kept, with its data", () => {
    return decisions.length === 0 && event.data.ref === "refs/heads/two-secrets";
  });
}

export async function forged(stage) {
  const { screen, client, send, check } = stage;
  screen.title("A stranger sends the same issue, signed with a guessed secret");
  const before = await collect(client.events.list());
  const { status, ...sent } = await send(ISSUE, { signedWith: "guessed" });
  showReply(screen, ISSUE, { status, ...sent });
  const after = await collect(client.events.list());
  check("a forged delivery is refused with 401", () => status === 401);
  check("the refusal says: Invalid or missing signature", () => {
    return sent.reply.detail === "Invalid or missing signature";
  });
  const isTraceless = check(
    "a forged delivery leaves no event",
    () => after.length === before.length,
  );
  screen.field("", `${sent.reply.detail}${isTraceless ? "; it leaves no event" : ""}`);
}
