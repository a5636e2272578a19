/**
 * Keeps the token of a browser session: in this tab's session storage, and handed to tabs that are opened beside it.
 * It is never written to disk by us, goes with the last tab, and belongs to this origin, port included: a cookie would
 * be sent to every other server on the same host.
 */
export interface TokenKeeper {
  /** This tab's token, else one that another tab hands over in time. */
  find(): Promise<string | undefined>;
  keep(token: string): void;
  /** Forgets it here and in every other tab that has the same. */
  forget(): void;
  /** Told when another tab handed its token over later than `find` waits for one: it was busy. */
  onLate(listener: (token: string) => void): () => void;
  /** Told when another tab has signed out. */
  onForgotten(listener: () => void): () => void;
}

export interface TokenKeeperDeps {
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** Between the tabs of this origin; undefined where the browser has none. */
  readonly channel: Pick<BroadcastChannel, "postMessage" | "addEventListener"> | undefined;
  /** How long other tabs have to answer. */
  readonly answerMs?: number;
}

type Message =
  | { readonly type: "ask" }
  | { readonly type: "token"; readonly token: string }
  | { readonly type: "forget"; readonly token: string };

const KEY = "yard-token";

export function createTokenKeeper(deps: TokenKeeperDeps): TokenKeeper {
  const { storage, channel, answerMs = 120 } = deps;
  const forgotten = new Set<() => void>();
  const late = new Set<(token: string) => void>();
  let answered = (_token: string): void => {};
  let asking: Promise<string | undefined> | undefined;

  channel?.addEventListener("message", (event: MessageEvent<Message>) => {
    const message = event.data;
    const own = storage.getItem(KEY);
    if (message.type === "ask" && own !== null) send({ type: "token", token: own });
    else if (message.type === "token" && own === null) answered(message.token);
    else if (message.type === "forget" && message.token === own) {
      storage.removeItem(KEY);
      for (const listener of forgotten) listener();
    }
  });

  function send(message: Message): void {
    channel?.postMessage(message);
  }

  /** Who asks again meanwhile gets the same answer: of two questions one would never hear its own. */
  function askOthers(): Promise<string | undefined> {
    asking ??= askOnce().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  function askOnce(): Promise<string | undefined> {
    if (channel === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        resolve(undefined);
      }, answerMs);
      answered = (token) => {
        clearTimeout(timer);
        storage.setItem(KEY, token);
        resolve(token);
        if (isLate) for (const listener of late) listener(token);
      };
      send({ type: "ask" });
    });
  }

  return {
    find: async () => storage.getItem(KEY) ?? (await askOthers()),
    keep: (token) => storage.setItem(KEY, token),
    forget() {
      const token = storage.getItem(KEY);
      storage.removeItem(KEY);
      if (token !== null) send({ type: "forget", token });
    },
    onLate(listener) {
      late.add(listener);
      return () => late.delete(listener);
    },
    onForgotten(listener) {
      forgotten.add(listener);
      return () => forgotten.delete(listener);
    },
  };
}
