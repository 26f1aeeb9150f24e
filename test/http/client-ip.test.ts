import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keptIp } from "../../src/http/client-ip.ts";
import { runs } from "../fuzz.ts";

const bytes = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
const hex = (values: readonly number[]) => values.map((value) => value.toString(16)).join(":");
const isMapped = (values: readonly number[]) =>
  values.slice(0, 5).every((value) => value === 0) && values[5] === 0xffff;

describe("an address cut to its network", () => {
  it.each([
    ["203.0.113.9", "203.0.113.0"],
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.0"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::"],
    ["2001:0DB8:0001:0000:0000:0000:0000:0001", "2001:db8:1::"],
    ["2001:db8::1", "2001:db8::"],
    ["2001:0:0:1::", "2001::"],
    ["fe80::1", "fe80::"],
    ["::1", "::"],
    ["::", "::"],
    ["1:2:3:4:5:6:7::", "1:2:3::"],
    ["::2:3:4:5:6:7:8", "0:2:3::"],
    ["::ffff:203.0.113.9", "203.0.113.0"],
    ["::FFFF:cb00:7109", "203.0.113.0"],
    ["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.0"],
    ["2001:db8:1:2:3:4:203.0.113.9", "2001:db8:1::"],
  ])("is of %s %s", (ip, network) => {
    expect(keptIp(ip, "cut")).toBe(network);
  });

  it("keeps of IPv4 three bytes, whatever the fourth", () => {
    fc.assert(
      fc.property(bytes, fc.nat(255), ([a, b, c, d], other) => {
        expect(keptIp(`${a}.${b}.${c}.${d}`, "cut")).toBe(`${a}.${b}.${c}.0`);
        expect(keptIp(`${a}.${b}.${c}.${other}`, "cut")).toBe(`${a}.${b}.${c}.0`);
      }),
      runs(400),
    );
  });

  it("keeps of IPv6 48 bits, whatever comes behind", () => {
    fc.assert(
      fc.property(groups, groups, (values, others) => {
        fc.pre(!isMapped(values));
        const [a, b, c, ...rest] = values;
        const whole = `${hex([a ?? 0, b ?? 0, c ?? 0])}:${hex(rest)}`;
        const network = keptIp(whole, "cut");
        expect(keptIp(`${hex(values.slice(0, 3))}:1:${hex(others.slice(4))}`, "cut")).toBe(network);
        // A second opinion: the URL standard's spelling of the groups with zeros for the others.
        expect(`[${network}]`).toBe(new URL(`http://[${hex(values.slice(0, 3))}:0:0:0:0:0]`).hostname);
      }),
      runs(400),
    );
  });

  it("is the same cut again", () => {
    const ips = fc.oneof(
      bytes.map((values) => values.join(".")),
      groups.map(hex),
    );
    fc.assert(
      fc.property(ips, (ip) => {
        const network = keptIp(ip, "cut");
        expect(network).not.toBe("");
        expect(keptIp(network, "cut")).toBe(network);
        expect(keptIp(keptIp(ip, "whole"), "cut")).toBe(network);
      }),
      runs(400),
    );
  });
});

describe("what is not an address", () => {
  it.each([
    "",
    "unknown",
    "localhost",
    "203.0.113",
    "203.0.113.256",
    "203.0.113.09",
    "0x7f.0.0.1",
    "2130706433",
    "203.0.113.9:443",
    "203.0.113.9, 198.51.100.1",
    " 203.0.113.9",
    "[2001:db8::1]",
    "2001:db8::1%eth0",
    "2001:db8::1::2",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::ffff:203.0.113.256",
    "2001:db8::1/48",
    ":",
    "...",
    "marie@lavande.example",
  ])("is not kept: %j", (text) => {
    for (const kept of ["cut", "whole", "none"] as const) expect(keptIp(text, kept)).toBe("");
  });

  it("is not kept", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abcdefx:.[]/@%\n ") }), (text) => {
        const kept = keptIp(text, "whole");
        expect(kept).toMatch(/^(?:|\d+\.\d+\.\d+\.\d+|[\da-f]*:[\da-f:]*)$/);
      }),
      runs(400),
    );
  });
});

describe("other settings", () => {
  it("keep an address whole, or none at all", () => {
    expect(keptIp("203.0.113.9", "whole")).toBe("203.0.113.9");
    expect(keptIp("2001:0DB8::0001", "whole")).toBe("2001:db8::1");
    expect(keptIp("::ffff:203.0.113.9", "whole")).toBe("203.0.113.9");
    for (const ip of ["203.0.113.9", "2001:db8::1"]) expect(keptIp(ip, "none")).toBe("");
  });
});
