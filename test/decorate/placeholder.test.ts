import { describe, expect, it } from "vitest";
import { DecorateError } from "../../src/decorate/index.ts";
import { decorateHtml, html, text, warnings } from "./mail.ts";

describe("the unsubscribe placeholder", () => {
  it("becomes the unsubscribe link as an href, however an editor has spelled it", () => {
    const spellings = [
      "{{unsubscribe}}",
      "{{ unsubscribe }}",
      "{{\n  unsubscribe\t}}",
      "{{&nbsp;unsubscribe&nbsp;}}",
      "{{{unsubscribe}}}",
      "{{{ unsubscribe }}}",
      "&#123;&#123;unsubscribe&#125;&#125;",
      " {{unsubscribe}} ",
      "%7B%7Bunsubscribe%7D%7D",
      "%7b%7b%20unsubscribe%20%7d%7d",
      "http://{{unsubscribe}}",
      "https://{{ unsubscribe }}",
      "http://%7B%7Bunsubscribe%7D%7D/",
      "HTTPS://%7B%7B%20unsubscribe%20%7D%7D",
    ];
    for (const spelling of spellings) {
      expect(html(`<a href="${spelling}">x</a>`)).toBe('<a href="⟦unsubscribe⟧">x</a>');
      expect(warnings(`<a href="${spelling}">x</a>`)).toEqual([]);
    }
  });

  it("becomes the unsubscribe link in text", () => {
    expect(html("<p>Stop: {{unsubscribe}}<br>or {{ unsubscribe }}, or http://{{unsubscribe}}</p>")).toBe(
      "<p>Stop: ⟦unsubscribe⟧<br>or ⟦unsubscribe⟧, or ⟦unsubscribe⟧</p>",
    );
    expect(html("{{&nbsp;unsubscribe }}, {{{unsubscribe}}}")).toBe("⟦unsubscribe⟧, ⟦unsubscribe⟧");
    expect(text("Stop: {{unsubscribe}}.\r\nOr <{{ unsubscribe }}>, https://{{unsubscribe}}")).toBe(
      "Stop: ⟦unsubscribe⟧.\r\nOr <⟦unsubscribe⟧>, ⟦unsubscribe⟧",
    );
  });

  it("stays in comments, style sheets, scripts and other attributes", () => {
    const source =
      "<!-- {{unsubscribe}} --><style>{{unsubscribe}}</style><script>{{unsubscribe}}</script>" +
      '<img alt="{{unsubscribe}}"><p title={{unsubscribe}}>';
    expect(html(source)).toBe(source);
  });

  it("stays in the action of a form, and so does a later step's; a warning names each", () => {
    for (const form of [
      '<form action="{{unsubscribe}}" method=post><button>Stop</button></form>',
      "<FORM ACTION=' https://a.example/?to=*|EMAIL|* '></FORM>",
      '<form><button formaction="{{ unsubscribe }}">Stop</button></form>',
      '<form><input type=submit formaction="%7B%7Bunsubscribe%7D%7D"></form>',
      '<!--[if mso]><form action="{{unsubscribe}}"></form><![endif]-->',
    ]) {
      expect(html(form)).toBe(form);
      expect(warnings(form)).toEqual([["form_action", expect.stringMatching(/unsubscribe|EMAIL/)]]);
    }
    expect(warnings('<form action="https://a.example/search"><input name=q></form>')).toEqual([]);
  });

  it("is filled with the sender's own spellings too", () => {
    const unsubscribePlaceholders = ["*|UNSUB|*", "[unsubscribe]", "%%unsub_url%%", "[unsubscribe_url]", "$u.x()"];
    for (const own of unsubscribePlaceholders) {
      expect(html(`<a href="${own}">${own}</a>`, { unsubscribePlaceholders })).toBe(
        '<a href="⟦unsubscribe⟧">⟦unsubscribe⟧</a>',
      );
      expect(html(`<a href="http://${encodeURI(own)}">`, { unsubscribePlaceholders })).toBe('<a href="⟦unsubscribe⟧">');
      expect(text(`Stop: ${own}`, { unsubscribePlaceholders })).toBe("Stop: ⟦unsubscribe⟧");
    }
    expect(html("STOP_LINK STOP", { unsubscribePlaceholders: ["STOP", "STOP_LINK"] })).toBe(
      "⟦unsubscribe⟧ ⟦unsubscribe⟧",
    );
    expect(html("x[u]<br>y", { unsubscribePlaceholders: ["[u]<br>"] })).toBe("x[u]<br>y");
    expect(html('<a href="{{unsubscribe}}">', { unsubscribePlaceholders })).toBe('<a href="⟦unsubscribe⟧">');
    expect(html("{{unsubscribes}} *|UNSUBS|*", { unsubscribePlaceholders })).toBe("{{unsubscribes}} *|UNSUBS|*");
  });

  it("is not filled inside a longer address", () => {
    for (const own of ["{{unsubscribe}}", "[unsub]"]) {
      const source = `<a href="https://x.com/?u=${own}">`;
      expect(html(source, { unsubscribePlaceholders: ["[unsub]"] })).toBe(source);
      expect(warnings(source, { unsubscribePlaceholders: ["[unsub]"] })).toEqual([
        ["placeholder", `https://x.com/?u=${own}`],
      ]);
    }
  });

  it("is refused when it is empty", () => {
    expect(() => decorateHtml("", { unsubscribePlaceholders: [" "] })).toThrow(DecorateError);
  });
});

describe("placeholders left for a later step", () => {
  it("keep their link as it is, with a warning", () => {
    const addresses = [
      "https://x.com/{{ name }}?a=b",
      "https://x.com/{{#if a}}b{{/if}}",
      "https://x.com/{% if a %}b{% endif %}",
      "https://x.com/?e=*|EMAIL|*",
      "https://x.com/?e=%%emailaddr%%",
      "https://x.com/<%= id %>",
      "https://x.com/$\u007bid}",
      "https://x.com/[[data:id]]",
      "https://{{host}}/a",
      "http://%7B%7Bhost%7D%7D",
      "{{url}}",
      "%7B%7Burl%7D%7D",
      "*|UNSUB|*",
      "*|ARCHIVE|*",
      "%%unsub_center_url%%",
      "[[UNSUB_LINK_EN]]",
      "<%= url %>",
      "$\u007burl}",
      "{{url}}#top",
      "https://x.com/?e=%%=v(@email)=%%",
      "https://x.com/?e=[% email %]",
      "https://x.com/?e=<<Email>>",
      "https://x.com/?e={contactfield=firstname|Friend}",
      "https://x.com/?e={$email}",
      "https://x.com/?e={!email}",
      "https://x.com/?e=#{email}",
      "https://x.com/?e=%recipient.email%",
      "https://x.com/?e=%EMAIL%&f=1",
      "https://$EMAIL$/",
      "https://x.com/?e=$[LEAD:ID]$",
      "https://x.com/?e=~~eloqua..type--emailfield..syntax--EmailAddress~~",
      "{unsubscribe_url}",
      "%unsubscribe_url%",
      "[unsubscribe]",
      "[link:subscription_unsubscribe_url]",
      "$UNSUB$",
      "<unsubscribe>",
      "%7Bunsubscribe_url%7D",
    ];
    for (const address of addresses) {
      const source = `<a href="${address}">`;
      expect(html(source)).toBe(source);
      expect(warnings(source)).toEqual([["placeholder", address]]);
    }
  });

  it("are resolved against no base", () => {
    for (const address of [
      "{unsubscribe_url}",
      "[unsubscribe]",
      "%unsubscribe%",
      "%5Bunsubscribe%5D",
      "<webversion>",
    ]) {
      const source = `<base href="https://y.com/"><a href="${address}">`;
      expect(html(source)).toBe(source);
      expect(warnings(source)).toEqual([["placeholder", address]]);
    }
  });

  it("are seen when quotes inside have cut them short", () => {
    const source = '<a href="https://x.com/{{ name | default: "x" }}">';
    expect(html(source)).toBe(source);
    expect(warnings(source)).toEqual([["placeholder", "https://x.com/{{ name | default:"]]);
  });

  it("are not seen in what only resembles them", () => {
    const addresses = [
      "https://x.com/%20%20a%20%20",
      "https://x.com/?off=100%25%25&all=100%25%25",
      "https://x.com/?a[b][c]=1",
      "https://x.com/?f={%22a%22:{%22b%22:1}}",
      "https://x.com/?q=%7B%7Bname%7D%7D",
      "https://x.com/?q=a|b*c|*",
      "https://x.com/$a{3f2504e0-4f89}?$filter=a&$top=5",
      "https://x.com/{E02504E0-4F89-11D3-9A0C-0305E82C3301}/",
      "https://x.com/?off=5%off%20now&all=100%&more=20%",
      "https://x.com/?a>b",
      "https://x.com/~me/~you~",
      "http://[2001:db8::1]/",
    ];
    for (const address of addresses) expect(html(`<a href='${address}'>`)).toBe(`<a href='⟦${address}⟧'>`);
  });

  it("are found in long addresses in linear time", () => {
    const pieces = ["{%", "*|", "%%", "<%", "${", "[[", "{{ unsubscribe ", "http://", "&nbsp;{{"];
    for (const piece of [...pieces, "<", "{a", "{a=", "%x", "$[", "~~", "{{{ unsubscribe "]) {
      const source = `<a href="https://x.com/${piece.repeat(10_000)}">${piece.repeat(10_000)}`;
      expect(html(source)).toBe(source);
    }
  });
});
