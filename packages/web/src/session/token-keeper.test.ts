import { expect, test } from "vitest";
import { createTokenKeeper } from "./token-keeper.ts";

/** Tabs of one browser: each with a storage of its own, all on one channel that takes `deliveryMs`. */
function browser(deliveryMs = 0) {
  type Listener = (event: { data: unknown }) => void;
  const tabs: { own: object; listener: Listener }[] = [];
  return {
    open(answerMs = 20) {
      const own = {};
      const values = new Map<string, string>();
      const storage = {
        getItem: (key: string) => values.get(key) ?? null,
        setItem: (key: string, value: string) => void values.set(key, value),
        removeItem: (key: string) => void values.delete(key),
      };
      const channel = {
        postMessage: (data: unknown) => {
          for (const tab of tabs)
            if (tab.own !== own) setTimeout(() => tab.listener({ data }), deliveryMs);
        },
        addEventListener: (_type: string, listener: Listener) => void tabs.push({ own, listener }),
      };
      return createTokenKeeper({
        storage,
        channel: channel as unknown as BroadcastChannel,
        answerMs,
      });
    },
  };
}

test("finds what this tab was given, and nothing where nobody has a token", async () => {
  const tab = browser().open();
  expect(await tab.find()).toBeUndefined();
  tab.keep("t1");
  expect(await tab.find()).toBe("t1");
});

test("gets the token of a tab beside it, and keeps it after that one is gone", async () => {
  const tabs = browser();
  tabs.open().keep("t1");
  const second = tabs.open(10_000);
  expect(await second.find()).toBe("t1");
  expect(await second.find()).toBe("t1");
});

test("gives everybody who asks at the same time the one answer", async () => {
  const tabs = browser();
  tabs.open().keep("t1");
  const second = tabs.open(200);
  expect(await Promise.all([second.find(), second.find()])).toEqual(["t1", "t1"]);
});

test("takes the token of a tab that answers late, and only where it has none by then", async () => {
  const tabs = browser(20);
  const [busy, waiting, served] = [tabs.open(), tabs.open(1), tabs.open(1)];
  busy.keep("t1");
  const told = new Promise<string>((resolve) => waiting.onLate(resolve));
  expect(await waiting.find()).toBeUndefined();
  expect(await served.find()).toBeUndefined();
  served.keep("t2");
  expect(await told).toBe("t1");
  expect(await waiting.find()).toBe("t1");
  expect(await served.find()).toBe("t2");
});

test("forgets the token in every tab when one signs out", async () => {
  const tabs = browser();
  const first = tabs.open();
  const second = tabs.open();
  first.keep("t1");
  second.keep("t1");
  const told = new Promise<void>((resolve) => second.onForgotten(resolve));
  first.forget();
  await told;
  expect(await second.find()).toBeUndefined();
});

test("leaves another token in a tab beside it as it is", async () => {
  const tabs = browser();
  const [first, second, third] = [tabs.open(), tabs.open(), tabs.open()];
  first.keep("gone");
  second.keep("newer");
  third.keep("gone");
  const told = new Promise<void>((resolve) => third.onForgotten(resolve));
  first.forget();
  await told;
  expect(await second.find()).toBe("newer");
});

test("works alone where the browser has no channel", async () => {
  const values = new Map<string, string>();
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
  const keeper = createTokenKeeper({ storage, channel: undefined });
  expect(await keeper.find()).toBeUndefined();
});
