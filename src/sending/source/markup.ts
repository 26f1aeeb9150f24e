/** Which elements and attributes an email may show, of all that HTML has: what is not listed here does not pass. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** They stay as they are. Others give way to what they contain. */
export const ELEMENTS = words(`
  a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details
  dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main map area mark nav
  nobr ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time
  tr tt u ul var wbr`);

/** They go with all that they contain: what browsers run, load, ask for, or read in a way of its own. */
export const REMOVED = words(`
  applet audio base bgsound command datalist embed frame frameset iframe input keygen link math meta noembed noframes
  object option optgroup param script select source style svg template textarea title track`);

/** They become another element that looks the same and does nothing. */
export const REPLACED: ReadonlyMap<string, string> = new Map([
  ["button", "span"],
  ["fieldset", "div"],
  ["form", "div"],
  ["label", "span"],
  ["legend", "div"],
  ["listing", "pre"],
  ["plaintext", "pre"],
  ["xmp", "pre"],
]);

/** On whatever element. */
export const ATTRIBUTES = words(`
  abbr align alink alt aria-label axis bgcolor border bordercolor cellpadding cellspacing char charoff class clear color
  cols colspan compact coords datetime dir face frame headers height hidden hspace id lang leftmargin link
  marginheight marginwidth name noshade nowrap open reversed role rowspan rules scope shape size span start summary text
  title topmargin type usemap valign value vlink vspace width`);

/** Those that name an element, so that an address may lead to it. */
export const NAMES = words("id name usemap");
