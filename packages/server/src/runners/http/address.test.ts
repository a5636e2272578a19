import { expect, test } from "vitest";
import { isPublicAddress, plainAddress } from "./address.ts";

test.each([
  "1.1.1.1",
  "172.15.255.255",
  "172.32.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "192.0.1.1",
])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
  expect(isPublicAddress(`::ffff:${address}`)).toBe(true);
  expect(isPublicAddress(`64:ff9b::${address}`)).toBe(true);
});

test.each([
  "0.0.0.0",
  "10.255.255.255",
  "100.64.0.0",
  "100.127.255.255",
  "127.255.255.255",
  "169.254.169.254",
  "172.16.0.0",
  "172.31.255.255",
  "192.0.0.192",
  "192.168.0.1",
  "198.19.255.255",
  "203.0.113.1",
  "224.0.0.1",
  "255.255.255.255",
])("%s is not public, nor what carries it", (address) => {
  expect(isPublicAddress(address)).toBe(false);
  expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
  expect(isPublicAddress(`64:ff9b::${address}`)).toBe(false);
});

test.each(["2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888"])(
  "%s is public",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  "::",
  "::1",
  "::127.0.0.1",
  "fe80::1%eth0",
  "fc00::1",
  "fd00:ec2::254",
  "ff02::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "64:ff9b:1::7f00:1",
  "100::1",
  "5f00::1",
])("%s is not public", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test("an IPv4 address inside IPv6 is found however it is written", () => {
  const written = ["::ffff:10.0.0.1", "::FFFF:a00:1", "0:0:0:0:0:ffff:0a00:0001", "64:ff9b::a00:1"];
  expect(written.map(plainAddress)).toEqual(written.map(() => "10.0.0.1"));
  expect(plainAddress("2606:4700:0:0:0:0:0:1111")).toBe("2606:4700:0:0:0:0:0:1111");
});
