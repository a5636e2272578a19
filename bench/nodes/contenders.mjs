// What is driven call by call: commands on a node through the whole product, and what they are held against.
import { openConnection } from "../http.mjs";
import { createSpawn } from "../legs/spawn.mjs";
import { drive } from "../measure.mjs";
import { expectEndedWell } from "./place.mjs";

/**
 * What `bodyOf` gives for a caller, on a node, over and over: HTTP API, hub, yard-node, and back. One kept-alive
 * connection per caller.
 */
export function yardExec(place, { name = "Yardmaster", node, bodyOf }) {
  return {
    name,
    async leg({ inFlight, ...options }) {
      const connections = await Promise.all(
        Array.from({ length: inFlight }, () => openConnection(place.port)),
      );
      const requests = connections.map((_, slot) => place.execOf(node, bodyOf(slot)));
      const once = async (slot) => expectEndedWell(await connections[slot].send(requests[slot]));
      try {
        return await drive({ ...options, inFlight, once, readCost: place.readCost });
      } finally {
        for (const connection of connections) connection.close();
      }
    },
  };
}

/** Processes started by a Node that does nothing else. */
export async function bareSpawn(house) {
  const spawn = await createSpawn(house);
  const { leg } = await spawn.measures.process();
  return { name: spawn.name, leg, close: spawn.close };
}
