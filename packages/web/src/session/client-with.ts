import { type Client, createClient } from "@yardmaster/sdk";

/**
 * The API of the server that this page came from. `onRefused` is told when an answer to anything, the live stream and
 * logs among it, says that the token is not valid.
 */
export function clientWith(token: string, onRefused?: () => void): Client {
  return createClient({
    url: location.origin,
    token,
    async fetch(...request) {
      const response = await fetch(...request);
      if (response.status === 401) onRefused?.();
      return response;
    },
  });
}
