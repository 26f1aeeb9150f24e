/**
 * The script of the preview. Events are set as text, never as markup. The email is requested with the origin of the
 * address bar, because a request behind `wrangler dev` does not know it.
 */
export const PREVIEW_SCRIPT = `
const element = (id) => document.getElementById(id);
const { person, unsubscribe } = element("preview").dataset;
const { origin } = location;

let loads = 0;
const showEmail = () => {
  const address = "/preview/email?" + new URLSearchParams({ origin, person, images: loads > 0 ? 1 : 0 });
  element("email").contentWindow.location.replace(address);
};
element("images").addEventListener("click", () => {
  loads++;
  showEmail();
  element("images").textContent = "Load them again";
  element("images-said").textContent = "Images loaded " + (loads === 1 ? "once." : loads + " times.");
});

element("one-click").addEventListener("click", async () => {
  const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
  const answer = await fetch(unsubscribe, { method: "POST", body }).catch(() => undefined);
  element("one-click-said").textContent = answer?.ok
    ? "Your mail client unsubscribed you. The Worker answered: " + (await answer.text())
    : "That did not work. Is the Worker running?";
});

/** The line of each event, by its id. An event that is marked as a bot's later comes again, with another seq. */
const lines = new Map();
const seen = {};
const show = (event) => {
  const row = element("event").content.cloneNode(true);
  const set = (selector, text) => (row.querySelector(selector).textContent = text);
  const happened = new Date(event.at);
  const line = row.firstElementChild;
  line.dataset.type = event.type;
  set("b", event.name);
  set("time", happened.toLocaleTimeString());
  row.querySelector("time").dateTime = happened.toISOString();
  row.querySelector("time").title = happened.toISOString();
  if (event.link === null) row.querySelector("p").remove();
  else {
    set("code", event.linkId);
    set("span", event.link);
  }
  const bot = event.isBot ? "a bot: " + event.botPattern : "not a bot";
  const whose = event.person === person ? "this reader" : "person " + event.person;
  set("small", [bot, "seq " + event.seq, whose, "email " + event.email, "campaign " + event.campaign].join(" · "));
  const shown = lines.get(event.id);
  lines.set(event.id, line);
  if (shown === undefined) {
    element("events").prepend(line);
    count(event);
  } else shown.replaceWith(line);
};

const count = (event) => {
  element("empty").hidden = true;
  if (event.person !== person) return;
  seen[event.type] = (seen[event.type] ?? 0) + 1;
  for (const number of document.querySelectorAll('[data-type="' + event.type + '"]:not(li)')) {
    number.textContent = seen[event.type];
    number.classList.add("seen");
  }
  element("last").textContent = "The log: " + event.name + (event.link === null ? "" : " " + event.link);
};

let after;
const follow = async (held) => {
  try {
    const parameters = after === undefined ? {} : { after, held };
    const answer = await fetch("/preview/log?" + new URLSearchParams(parameters));
    if (!answer.ok) throw new Error(answer.status);
    const { events } = await answer.json();
    for (const event of events) show(event);
    after = events.at(-1)?.seq ?? after ?? 0;
    element("state").textContent = "live";
    setTimeout(follow, 0, 1);
  } catch {
    element("state").textContent = "out of reach";
    setTimeout(follow, 2000, 0);
  }
};

for (const each of document.querySelectorAll(".origin")) each.textContent = origin;
if (navigator.clipboard !== undefined) {
  element("copy").hidden = false;
  element("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(element("curl").textContent);
    element("copy").textContent = "Copied";
  });
}
showEmail();
follow(1);
`;
