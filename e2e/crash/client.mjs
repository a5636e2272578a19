import { createHash, createHmac } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { TOKEN, WEBHOOK_SECRET } from "./installation.mjs";

const REQUEST_LIMIT_MS = 15_000;
const AGAIN_MS = 100;
/** Longer than any fault lasts, and than what comes back after it takes. */
const GIVE_UP_MS = 150_000;

/**
 * What a careful user sends: whatever is not answered within `limitMs` is sent again, until `signal` says that it is
 * enough, or nobody would wait any longer: then the error says what the last answer was.
 */
export function createClient(url, signal, { limitMs = REQUEST_LIMIT_MS } = {}) {
  async function send(method, path, { headers, body, read = readJson } = {}) {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    let last = "nothing";
    while (performance.now() < giveUpAt) {
      signal.throwIfAborted();
      try {
        const response = await fetch(`${url}${path}`, {
          method,
          headers: { authorization: `Bearer ${TOKEN}`, ...headers },
          ...(body === undefined ? {} : { body }),
          signal: AbortSignal.timeout(limitMs),
        });
        const answer = await read(response);
        if (response.status < 500)
          return { status: response.status, body: answer, link: response.headers.get("link") };
        last = `${response.status} ${JSON.stringify(answer)}`;
      } catch (error) {
        if (signal.aborted) throw error;
        last = error.message;
      }
      await pause(AGAIN_MS);
    }
    throw new Error(`${method} ${path} was not answered within ${GIVE_UP_MS} ms: ${last}`);
  }

  const json = { "content-type": "application/json" };

  async function list(path) {
    const rows = [];
    for (let next = path; next !== undefined; ) {
      const page = await send("GET", next);
      rows.push(...page.body);
      next = /<([^>]+)>; rel="next"/.exec(page.link ?? "")?.[1]?.replace(/^https?:\/\/[^/]+/, "");
    }
    return rows;
  }

  return {
    get: async (path) => (await send("GET", path)).body,
    /** The SHA-256 of what is there. */
    sum: async (path) => (await send("GET", path, { read: readSum })).body,
    list,
    /** The answer to the first request under the key that came through. */
    startRun: (ref, input, key) =>
      send("POST", "/v1/runs", {
        headers: { ...json, "idempotency-key": `"${key}"` },
        body: JSON.stringify({ ref, input }),
      }),
    answer: (inquiry, answer, key) =>
      send("POST", `/v1/inquiries/${inquiry}/answer`, {
        headers: { ...json, "idempotency-key": `"${key}"` },
        body: JSON.stringify({ answer }),
      }),
    cancel: (id) => send("POST", `/v1/runs/${id}/cancel`),
    /** A webhook as Gitea signs it. */
    webhook(delivery, payload) {
      const body = JSON.stringify(payload);
      const headers = {
        ...json,
        "x-gitea-event": "issues",
        "x-gitea-event-type": "issue_assign",
        "x-gitea-delivery": delivery,
        "x-gitea-signature": createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex"),
      };
      return send("POST", "/webhook/gitea", { headers, body });
    },
  };
}

async function readJson(response) {
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

async function readSum(response) {
  return createHash("sha256")
    .update(Buffer.from(await response.arrayBuffer()))
    .digest("hex");
}
