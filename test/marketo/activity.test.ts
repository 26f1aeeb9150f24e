/** Rows of the log as Marketo's activities. */
import { describe, expect, it } from "vitest";
import {
  type ActivityRow,
  activityDate,
  attributesOf as attributeList,
  numberOrText,
} from "../../src/marketo/activity.ts";
import { ACTIVITY_TYPES } from "../../src/marketo/activity-types.ts";

const ROW: ActivityRow = {
  seq: 1,
  id: "x",
  type: 6,
  at: 0,
  recordedAt: 0,
  email: "7",
  person: "1",
  campaign: "42",
  send: null,
  linkId: null,
  link: null,
  userAgent: null,
  isBot: 0,
  botPattern: null,
  detail: null,
  emailName: null,
};

const attributesOf = (row: ActivityRow) =>
  Object.fromEntries(attributeList(row).map(({ name, value }) => [name, value]));
const bounced = (detail: object) => attributesOf({ ...ROW, type: 8, detail: JSON.stringify(detail) });

describe("the attributes of an activity", () => {
  it("are none for Sent and Delivered", () => {
    expect(attributesOf({ ...ROW, detail: '{"address":"a@b.example"}' })).toEqual({});
    expect(attributesOf({ ...ROW, type: 7 })).toEqual({});
  });

  it("hold a bounce's category, details and address", () => {
    const detail = { address: "a@b.example", category: 2, subcategory: "9", details: "550 no such user" };
    expect(bounced(detail)).toEqual({
      Category: "2",
      Details: "550 no such user",
      Email: "a@b.example",
      Subcategory: "9",
    });
  });

  it("hold a bounce's status when the server gave no details", () => {
    expect(bounced({ category: 9, status: "5.0.0" })).toEqual({ Category: "9", Details: "5.0.0" });
  });

  it("hold what an unsubscription's request carried, and no empty values", () => {
    const detail = { cause: "form", clientIp: "192.0.2.1", query: "a=b", formFields: { reason: "too many" } };
    const row = { ...ROW, type: 9, userAgent: "Mail/1", detail: JSON.stringify(detail) };
    expect(attributesOf(row)).toEqual({
      "Client IP Address": "192.0.2.1",
      "Form Fields": '{"reason":"too many"}',
      "Query Parameters": "a=b",
      "User Agent": "Mail/1",
    });
    expect(attributesOf({ ...row, userAgent: "", detail: '{"cause":"one_click","formFields":{}}' })).toEqual({});
  });

  it("mark a person's open as no bot's, and name the pattern of a bot's", () => {
    const opened = { ...ROW, type: 10, userAgent: "Mail/1" };
    expect(attributesOf(opened)).toEqual({
      "Bot Activity Pattern": "N/A",
      Device: "unknown",
      "Is Bot Activity": false,
      Platform: "unknown",
      "User Agent": "Mail/1",
    });
    expect(attributesOf({ ...opened, isBot: 1, botPattern: "prefetch" })).toMatchObject({
      "Bot Activity Pattern": "prefetch",
      "Is Bot Activity": true,
    });
  });

  it("name no pattern of a bot without a known one", () => {
    expect(attributesOf({ ...ROW, type: 10, isBot: 1 })).toEqual({ "Is Bot Activity": true });
  });

  it.each([10, 11])("name the device of type %i where the user agent names it", (type) => {
    const by = (userAgent: string | null) => attributesOf({ ...ROW, type, userAgent });
    const iPhone =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
    expect(by(iPhone)).toEqual({
      "Bot Activity Pattern": "N/A",
      Device: "iPhone",
      "Is Bot Activity": false,
      "Is Mobile Device": true,
      Platform: "iOS",
      "User Agent": iPhone,
    });
    expect(by("Mozilla/4.0 (compatible; ms-office; MSOffice 16)")).toMatchObject({
      Device: "unknown",
      "Is Mobile Device": false,
      Platform: "Windows Desktop",
    });
    for (const userAgent of ["Mozilla/5.0 Firefox/11.0 (via ggpht.com GoogleImageProxy)", "Mozilla/5.0"]) {
      expect(by(userAgent)).toMatchObject({ Device: "unknown", Platform: "unknown" });
      expect(by(userAgent)).not.toHaveProperty("Is Mobile Device");
    }
    for (const userAgent of ["", null])
      expect(Object.keys(by(userAgent))).toEqual(["Bot Activity Pattern", "Is Bot Activity"]);
  });

  it("name the clicked link", () => {
    const clicked = { ...ROW, type: 11, link: "https://a.example/?b=c", linkId: "12345678" };
    expect(attributesOf(clicked)).toMatchObject({ Link: "https://a.example/?b=c", "Link ID": "12345678" });
  });

  it("say who removed a suppression, and why", () => {
    const detail = JSON.stringify({ who: "Odile", why: "she wrote", address: "a@b.example" });
    expect(attributesOf({ ...ROW, type: 100_002, detail })).toEqual({
      Email: "a@b.example",
      Who: "Odile",
      Why: "she wrote",
    });
  });

  it("are all among those that the type lists, in its order", () => {
    const detail = JSON.stringify({
      address: "a@b.example",
      category: 2,
      details: "no",
      subcategory: "1",
      clientIp: "192.0.2.1",
      formFields: { a: "b" },
      query: "a",
      referrer: "https://a.example",
      who: "a",
      why: "b",
      attempt: 2,
    });
    for (const { id, attributes } of ACTIVITY_TYPES) {
      const link = id === 11 ? { link: "https://a.example", linkId: "1" } : {};
      const row = { ...ROW, ...link, type: id, userAgent: "Outlook-iOS/711 (3.33.0)", detail };
      const announced = attributes.map(({ name }) => name);
      const names = Object.keys(attributesOf(row));
      expect(announced.filter((name) => names.includes(name))).toEqual(names);
    }
  });
});

describe("the date of an activity", () => {
  it("has no milliseconds, which a client could not parse", () => {
    expect(activityDate(Date.UTC(2026, 0, 16, 23, 32, 19, 999))).toBe("2026-01-16T23:32:19Z");
  });
});

describe("an id in an activity", () => {
  it.each([
    ["7", 7],
    ["0", 0],
    ["-3", -3],
    ["007", "007"],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", "9007199254740993"],
    ["p-1", "p-1"],
    ["1e3", "1e3"],
  ])("%j is %j", (id, written) => {
    expect(numberOrText(id)).toBe(written);
  });
});
