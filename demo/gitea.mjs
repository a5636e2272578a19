import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Stands in for a Gitea server: sends a body from fixtures/ with the headers that Gitea sends, signed over its bytes.
 * `group` is the coarse event (`issues`), `type` the exact one (`issue_assign`).
 */
export function createGitea(url, secret) {
  return async function send({ file, group, type }, { signedWith = secret } = {}) {
    const body = readFileSync(join(import.meta.dirname, "fixtures", `${file}.json`));
    const started = performance.now();
    const response = await fetch(`${url}/webhook/gitea`, {
      method: "POST",
      headers: headers(body, { group, type, secret: signedWith }),
      body,
    });
    const reply = await response.json();
    return { status: response.status, reply, ms: performance.now() - started, bytes: body.length };
  };
}

function headers(body, { group, type, secret }) {
  const hmac = (algorithm) => createHmac(algorithm, secret).update(body).digest("hex");
  const [sha1, sha256] = [hmac("sha1"), hmac("sha256")];
  const delivery = randomUUID();
  return {
    "Content-Type": "application/json",
    "User-Agent": "Go-http-client/1.1",
    "X-Gitea-Delivery": delivery,
    "X-Gitea-Event": group,
    "X-Gitea-Event-Type": type,
    "X-Gitea-Signature": sha256,
    "X-Gitea-Hook-Installation-Target-Type": "repository",
    "X-Gogs-Delivery": delivery,
    "X-Gogs-Event": group,
    "X-Gogs-Event-Type": type,
    "X-Gogs-Signature": sha256,
    "X-GitHub-Delivery": delivery,
    "X-GitHub-Event": group,
    "X-GitHub-Event-Type": type,
    "X-Hub-Signature": `sha1=${sha1}`,
    "X-Hub-Signature-256": `sha256=${sha256}`,
  };
}
