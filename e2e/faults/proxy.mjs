import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const NO_FAULT = { kind: "none" };

/**
 * A TCP proxy on loopback that does to connections what networks do. `target` is what `net.connect` takes: a port or
 * the path of a unix socket. A fault holds for living connections and for new ones until `heal`.
 */
export async function createFaultProxy(target) {
  const pairs = new Set();
  const bytes = { up: 0, down: 0 };
  let fault = NO_FAULT;
  let endHold = () => {};
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const pair = { client, upstream: undefined, isDead: fault.kind === "mute" };
    pairs.add(pair);
    if (!pair.isDead) pair.upstream = connect({ ...target, allowHalfOpen: true });
    forward(pair, client, pair.upstream, "up");
    if (!pair.isDead) forward(pair, pair.upstream, client, "down");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  function forward(pair, from, to, way) {
    // One chunk after the other, or what was not held up would overtake what was.
    let turn = Promise.resolve();
    let waiting = 0;
    const pass = (act) => {
      if (isLost(pair, way)) return;
      const late = lateness();
      if (late === undefined && waiting === 0) return act();
      waiting += 1;
      turn = turn
        .then(() => late)
        .then(() => {
          waiting -= 1;
          if (!pair.isDead) act();
        });
    };
    from.on("data", (chunk) => {
      bytes[way] += chunk.length;
      pass(() => to.write(chunk));
    });
    from.on("end", () => pass(() => to.end()));
    from.on("error", () => end(pair));
    from.once("close", () => isLost(pair, way) || end(pair));
  }

  function lateness() {
    if (fault.kind === "delay") return pause(fault.ms);
    return fault.kind === "hold" ? fault.over : undefined;
  }

  /** A connection that has lost bytes is never whole again, whatever becomes of the network. */
  function isLost(pair, way) {
    if (fault.kind === "lose" && (fault.way === "both" || fault.way === way)) pair.isDead = true;
    return pair.isDead;
  }

  function end(pair) {
    pairs.delete(pair);
    pair.client.destroy();
    pair.upstream?.destroy();
  }

  function each(act) {
    const living = [...pairs];
    for (const pair of living) act(pair);
    return living.length;
  }

  function begin(next) {
    endHold();
    fault = next;
  }

  return {
    port: server.address().port,
    connections: () => pairs.size,
    /** All that came one way so far, over all connections. */
    bytes: (way) => bytes[way],
    /** Ends all connections in order (FIN), as a peer does that stops. Gives how many there were. */
    cut: () => each(end),
    /** Ends all connections with RST, as a peer does that was restarted. */
    reset: () =>
      each((pair) => {
        pairs.delete(pair);
        pair.client.resetAndDestroy();
        // It may be a unix socket, which knows no RST.
        pair.upstream?.destroy();
      }),
    /** All that is sent arrives so much later. */
    delay: (ms) => begin({ kind: "delay", ms }),
    /** All that is sent arrives when the fault is over: a network that is away for a while. */
    hold() {
      endHold();
      const over = new Promise((resolve) => {
        endHold = resolve;
      });
      fault = { kind: "hold", over };
    },
    /** New connections are accepted and never answered; living ones go on. */
    mute: () => begin({ kind: "mute" }),
    /** What is sent one `way` ("up": to the target, "down": from it, "both") is lost, and nobody is told. */
    lose: (way) => begin({ kind: "lose", way }),
    /** New connections are fine; those that lost something, or were never answered, stay silent. */
    heal: () => begin(NO_FAULT),
    async close() {
      begin(NO_FAULT);
      server.close();
      each(end);
      await once(server, "close");
    },
  };
}
