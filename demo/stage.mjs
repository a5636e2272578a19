import { createGitea } from "./gitea.mjs";
import { span } from "./screen.mjs";

/** Starts a server and two workers, and gives the chapters what they play with. */
export async function setStage({ screen, check, installation, signal }) {
  screen.title("Start: a server and two workers, each a process of its own");
  const started = performance.now();
  const { url, client } = await installation.startServer();
  const workers = await Promise.all([installation.startWorker(), installation.startWorker()]);
  const { sessions } = await client.status({ signal });
  const known = new Map(
    workers.map(({ pid }, index) => {
      const { id } = sessions.find((session) => session.pid === pid);
      return [id, { pid, name: `worker ${"AB"[index]}` }];
    }),
  );
  screen.field("ready", `in ${span(performance.now() - started)}, PostgreSQL included, on ${url}`);
  for (const { pid, name } of known.values()) screen.field("", `${name} is process ${pid}`);

  const skipped = [];
  return {
    screen,
    client,
    signal,
    check,
    skipped,
    send: createGitea(url, installation.webhookSecret),
    /** Attempts name the session of their worker. */
    nameOf: (session) => known.get(session)?.name ?? session,
    pidOf: (session) => known.get(session).pid,
    skip: (why) => {
      skipped.push(why);
      screen.line(why);
    },
  };
}
