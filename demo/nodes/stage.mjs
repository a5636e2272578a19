import { span } from "../screen.mjs";
import { layCable } from "./cable.mjs";
import { createMachines } from "./machines.mjs";
import { followNodes } from "./node-changes.mjs";
import { createYard } from "./yard.mjs";

/** Starts a server that nobody is connected to, and gives the chapters what they play with. */
export async function setStage({ screen, check, installation, signal }) {
  screen.title("Start: a server, and no node");
  const started = performance.now();
  const { url, token, client } = await installation.startServer("api,scheduler,worker");
  const took = span(performance.now() - started);
  screen.field("ready", `in ${took}, PostgreSQL included, on ${url}`);
  const names = new Map();
  const skipped = [];
  return {
    screen,
    client,
    signal,
    check,
    skipped,
    installation,
    url: url.replace(/^http/, "ws"),
    /** A call of the API as any program makes it. */
    post: (path, body, options = {}) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
        signal,
        ...options,
      }),
    cable: await layCable(Number(new URL(url).port)),
    machines: createMachines(installation),
    until: await followNodes(client, signal),
    yard: createYard({ screen, installation, signal }),
    /** Attempts name the session of their worker or node. */
    nameOf: (session) => names.get(session) ?? "the server's own worker",
    /** Which session is of which node: the audit says who had which attempt. */
    learn: async ({ id }, steps) => {
      const jobs = client.audit.list({ actor: `run:${id}`, action: "node.job" });
      for await (const { node, details } of jobs) {
        const attempts = steps.find((step) => step.id === details.step)?.attempts ?? [];
        const attempt = attempts.find(({ number }) => number === details.attempt);
        if (attempt !== undefined) names.set(attempt.worker, node);
      }
    },
  };
}
