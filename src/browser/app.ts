/** The dashboard's script. Every page works without it; it keeps the viewer's zone and copies texts. */
import { followLog } from "./live.ts";
import { keepBrowserZone } from "./zone.ts";

/** `<button data-copy="#id">` copies the text of that element; it is hidden where there is no script. */
function addCopyButtons(part: ParentNode): void {
  for (const button of part.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const text = document.querySelector(button.dataset.copy ?? "")?.textContent ?? "";
      navigator.clipboard.writeText(text).then(
        () => button.replaceChildren("Copied"),
        () => button.replaceChildren("Select and copy it by hand"),
      );
    });
  }
}

/** A form that asks for another view leaves out what is empty, so that the address says what is asked. */
function leaveOutEmptyFields(): void {
  addEventListener("formdata", ({ target, formData }) => {
    if (!(target instanceof HTMLFormElement) || target.method !== "get") return;
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}

/**
 * For the page "Try it": links of an email lead to the address in the browser's bar, which a request does not know
 * behind `wrangler dev` with routes.
 */
function correctOrigin(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>("input[data-origin]")) field.value = location.origin;
  const frame = document.querySelector<HTMLIFrameElement>("iframe[data-origin]");
  if (frame === null || frame.dataset.origin === location.origin) return;
  const address = new URL(frame.src);
  address.searchParams.set("origin", location.origin);
  frame.src = address.href;
}

keepBrowserZone();
correctOrigin();
leaveOutEmptyFields();
addCopyButtons(document);
followLog(addCopyButtons);
