import { type IncomingMessage, STATUS_CODES } from "node:http";

/** More than a server of ours says. */
const WORDS_CHARS = 300;

/**
 * Why an address gave an answer where a WebSocket belongs: in its own words, where it has some for people. Calls back
 * once; what it goes on to send is not waited for.
 */
export function whyRefused(response: IncomingMessage, done: (why: string) => void): void {
  const { statusCode = 0, headers } = response;
  const status = `${statusCode} ${STATUS_CODES[statusCode] ?? ""}`.trim();
  let words = "";
  const end = (): void => {
    response.removeAllListeners("data").destroy();
    done(sentence(status, headers.location, plain(words)));
  };
  if (headers["content-type"]?.startsWith("text/plain") !== true) return end();
  response.setEncoding("utf8").on("data", (part: string) => {
    words += part;
    if (words.length >= WORDS_CHARS) response.destroy();
  });
  response.on("error", () => {}).once("close", end);
}

function sentence(status: string, location: string | undefined, words: string): string {
  if (location !== undefined)
    return `it answers ${status} and leads to ${plain(location)}, which is not followed: write the address that is meant`;
  if (words !== "") return `it answers ${status}: ${words}`;
  return `it answers ${status} where a WebSocket belongs; see to the address, and to the proxy in front of the server where there is one`;
}

/** It is written to terminals and logs. */
function plain(text: string): string {
  return text
    .slice(0, WORDS_CHARS)
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim();
}
