import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
// @ts-expect-error the tests of faults are programs, not modules with types
import { createFaultProxy } from "./proxy.mjs";

/** An echo behind the proxy, and connections to it through the proxy. */
async function setUp() {
  const accepted: Socket[] = [];
  const echo = createServer((socket) => {
    accepted.push(socket);
    socket.on("error", () => {}).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  const proxy = await createFaultProxy({ port: (echo.address() as AddressInfo).port });
  onTestFinished(async () => {
    await proxy.close();
    echo.close();
  });
  async function open() {
    const socket = connect({ port: proxy.port });
    let heard = "";
    socket.on("data", (chunk) => (heard += chunk)).on("error", () => {});
    const closed = new Promise((resolve) =>
      socket.once("close", (isReset) => resolve(isReset ? "reset" : "ended")),
    );
    await once(socket, "connect");
    return { say: (text: string) => socket.write(text), heard: () => heard, closed };
  }
  const hears = (one: { heard(): string }, text: string) =>
    vi.waitFor(() => expect(one.heard()).toBe(text), { interval: 5 });
  return { proxy, open, hears, accepted };
}

const pause = (ms: number) =>
  new Promise((resolve) => setTimeout(() => resolve("nothing yet"), ms));

test("what is said goes both ways until the connections are cut or reset", async () => {
  const { proxy, open, hears } = await setUp();
  const [first, second] = [await open(), await open()];
  first.say("one");
  second.say("two");
  await Promise.all([hears(first, "one"), hears(second, "two")]);
  expect(proxy.cut()).toBe(2);
  expect(await Promise.all([first.closed, second.closed])).toEqual(["ended", "ended"]);
  const third = await open();
  third.say("three");
  await hears(third, "three");
  proxy.reset();
  expect(await third.closed).toBe("reset");
});

test("what is late or held arrives whole and in order, when it is over", async () => {
  const { proxy, open, hears } = await setUp();
  const [one, other] = [await open(), await open()];
  one.say("a");
  await hears(one, "a");
  proxy.delay(30);
  const since = performance.now();
  one.say("b");
  await hears(one, "ab");
  expect(performance.now() - since).toBeGreaterThan(50);
  proxy.hold();
  one.say("c");
  other.say("x");
  expect(await Promise.race([hears(other, "x"), pause(50)])).toBe("nothing yet");
  proxy.heal();
  one.say("d");
  await hears(one, "abcd");
});

test("what is lost one way is never told, and the connection never whole again", async () => {
  const { proxy, open, hears, accepted } = await setUp();
  const old = await open();
  old.say("a");
  await hears(old, "a");
  let arrived = "";
  accepted[0]?.on("data", (chunk) => (arrived += chunk));
  proxy.lose("down");
  old.say("b");
  await vi.waitFor(() => expect(arrived).toBe("b"));
  proxy.heal();
  const fresh = await open();
  fresh.say("c");
  await hears(fresh, "c");
  expect(old.heard()).toBe("a");
  expect(proxy.connections()).toBe(2);
});

test("a mute peer accepts and says nothing, and living connections go on", async () => {
  const { proxy, open, hears } = await setUp();
  const living = await open();
  living.say("a");
  await hears(living, "a");
  proxy.mute();
  const silent = await open();
  silent.say("x");
  living.say("b");
  await hears(living, "ab");
  expect(silent.heard()).toBe("");
});
