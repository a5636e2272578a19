import { span } from "./screen.mjs";

/** Sends one delivery and shows what came of it. Resolves with `{ status, reply, event, decisions }`. */
export async function showDelivery({ screen, client, send }, delivery) {
  const sent = await send(delivery);
  showReply(screen, delivery, sent);
  const event = await client.events.get(sent.reply.event);
  screen.field("event", `${event.type}  ${event.subject}  ${screen.paint.faint(event.id)}`);
  const decisions = await collect(client.decisions.list({ event: event.id }));
  showDecisions(screen, event, decisions);
  return { ...sent, event, decisions };
}

export function showReply(screen, { type }, { status, bytes, ms }) {
  const code = status === 200 ? screen.paint.good(status) : screen.paint.bad(status);
  const what = `POST /webhook/gitea  ${type}, ${bytes} bytes, signed`;
  screen.field("sent", `${what} → ${code} in ${span(ms)}`);
}

function showDecisions(screen, event, decisions) {
  if (decisions.length === 0)
    screen.field("rules", `none listens to ${event.type}: it is kept, and nothing starts`);
  const matchedFirst = decisions.toSorted((a, b) => rank(a) - rank(b));
  matchedFirst.forEach(({ rule, status, clause, reason, run_id }, index) => {
    const start = run_id === null ? "" : ": it starts a run";
    const word = status.replaceAll("_", " ");
    screen.field(index === 0 ? "rules" : "", `${screen.mark(status)} ${rule}  ${word}${start}`);
    const because = clause ?? reason;
    if (because !== null) screen.field("", `    because this is not so: ${because}`);
  });
}

const rank = ({ status }) => (status === "matched" ? 0 : 1);

export async function collect(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}
