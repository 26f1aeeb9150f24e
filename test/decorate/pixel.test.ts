import { describe, expect, it } from "vitest";
import { compile, type DecorateError, decorate } from "../../src/decorate/index.ts";
import { decorateHtml, OPTIONS, RECIPIENT, revealed } from "./mail.ts";

/** The source with a marker where the pixel is. */
function placed(source: string): string {
  return revealed(decorateHtml(source).html ?? "").replace("⟦pixel⟧", "▪");
}

describe("the pixel", () => {
  it("comes once, as an image that is shown but takes no room", () => {
    const { html = "" } = decorateHtml("<body><p>x</p></body>");
    expect(html.match(/<img /g)).toHaveLength(1);
    expect(html).toMatch(/<img src="https:\/\/t\.example\.com\/o\/[\w-]+\.gif" width="1" height="1"/);
    expect(html).toMatch(/ alt="" style="position:absolute!important;[^"]*">/);
    expect(html).not.toMatch(/display|visibility/);
  });

  it("comes before the last end of the body, in any case", () => {
    expect(placed("<html><body><p>x</p>\n</body>\n</html>\n")).toBe("<html><body><p>x</p>\n▪</body>\n</html>\n");
    expect(placed("<BODY>a</BODY ><body>b</BODY\n>c")).toBe("<BODY>a</BODY ><body>b▪</BODY\n>c");
  });

  it("comes before the end of the document when the body has none", () => {
    expect(placed("<html><p>x</HTML>\n<!-- bye -->")).toBe("<html><p>x▪</HTML>\n<!-- bye -->");
  });

  it("comes at the end of a fragment", () => {
    for (const source of ["", "x", "<p>x</p>", "<td>x", "<!-- x -->", "<p>x</", "x <", "&am", "x\n", "<svg>"]) {
      const at = source.endsWith("</") ? source.length - 2 : source.length;
      expect(placed(source)).toBe(`${source.slice(0, at)}▪${source.slice(at)}`);
    }
  });

  it("is not misled by a body that ends in a comment, a script, a style sheet or a value", () => {
    for (const source of [
      "<p>x</p><!-- </body> -->",
      "<p>x</p><!--[if mso]></body></html><![endif]-->",
      "<style></body></style>",
      "<script></body></script>",
      "<title></body></title>",
      '<p title="</body>">',
      "<svg><![CDATA[</body>]]></svg>",
    ]) {
      expect(placed(source)).toBe(`${source}▪`);
      expect(placed(`<body>${source}</body>`)).toBe(`<body>${source}▪</body>`);
      expect(placed(`</body>${source}`)).toBe(`▪</body>${source}`);
    }
  });

  it("comes before what is never closed, where it would not load", () => {
    for (const open of [
      "<!-- x <p>",
      "<!-- x --",
      "<!",
      "<!-",
      "<!DOCTYPE html",
      "<!x",
      "<?x",
      "</ x",
      "<!--[if mso]><p>x</p><![endif]",
      "<a",
      "<a href",
      "<a href=",
      '<a href="https://x.com',
      "<a href=https://x.com ",
      '<a href="https://x.com"',
      "</bod",
      "</body",
      "<style> a {} </sty",
      "<style></style ",
      "<script> x",
      "<script><!-- <script> </script>",
      "<title>x",
      "<textarea><p>",
      "<xmp>",
      "<iframe>",
      "<noembed>",
      "<noframes>x</body>",
      "<plaintext>x</body></html>",
      "<svg><p></p></svg><svg><![CDATA[ x",
      "<svg><desc></desc><![CDATA[ x ]",
    ]) {
      const at = open.lastIndexOf("<svg") > 0 ? open.lastIndexOf("<svg") : 0;
      for (const before of ["", "x", "<p>x</p>\r\n", "é🦭<!-- x -->"]) {
        expect(placed(before + open)).toBe(`${before + open.slice(0, at)}▪${open.slice(at)}`);
      }
    }
  });

  it("comes right behind the beginning of the body at the top", () => {
    const top = (source: string) => revealed(decorateHtml(source, { pixel: "top" }).html ?? "").replace("⟦pixel⟧", "▪");
    expect(top("<html><head></head><BODY class='>'>x<body>y</body></html>")).toBe(
      "<html><head></head><BODY class='>'>▪x<body>y</body></html>",
    );
    expect(top("<!doctype html><html><head><title><body></title></head><p>x")).toBe(
      "<!doctype html><html><head><title><body></title></head>▪<p>x",
    );
    // A picture before the head's contents would end the head.
    expect(top("<!doctype html><title>x</title><p>y")).toBe("<!doctype html><title>x</title><p>y▪");
    expect(top("<p>x</p>")).toBe("▪<p>x</p>");
    expect(top("<!--[if mso]><body><![endif]--><p>x")).toBe("▪<!--[if mso]><body><![endif]--><p>x");
  });

  it("moves with the option when a copy is decorated again, and stays one", () => {
    const end = decorateHtml("<body>x</body>").html ?? "";
    const top = decorateHtml("<body>x</body>", { pixel: "top" }).html ?? "";
    expect(decorateHtml(end, { pixel: "top" }).html).toBe(top);
    expect(decorateHtml(top).html).toBe(end);
  });

  it("is at the top or at the end, and nowhere else", () => {
    for (const pixel of ["middle", true, null])
      expect(() => compile("x", Object.assign({}, OPTIONS, { pixel }))).toThrow(
        expect.objectContaining<Partial<DecorateError>>({ field: "pixel" }),
      );
  });

  it("is not added twice", () => {
    const once = decorateHtml("<body>x</body>").html ?? "";
    expect(decorateHtml(once).html).toBe(once);
    expect(placed('<img src="https://t.example.com/logo.gif"><img src="/o/x.gif"><img>')).toMatch(/▪$/);
  });

  it("is not added to plain text", () => {
    expect(decorate({ text: "x" }, OPTIONS, RECIPIENT).text).toBe("x");
  });
});
