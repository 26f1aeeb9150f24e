/**
 * Follows the log while a page is open: asks whether something came, fetches the page again when it did, and replaces
 * what is marked, with its focus, its open details and the place on the screen kept. Asks only while the page is seen,
 * and stops when the viewer is signed out. The marks are described in docs/design/dashboard.md.
 */
import { replaceRegion } from "./region.ts";

/** Unless the page says how long in `data-live-pause`. */
const SHORTEST_PAUSE_MS = 4_000;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_WAIT_MS = 20_000;
/** While much comes, a page is fetched for a tenth of the time at most. */
const PAUSES_PER_FETCH = 10;

const OUT_OF_REACH = "Out of reach, trying again.";
const SIGNED_OUT = "You are signed out, so this page shows nothing new. Load it again to sign in.";
const GONE = "What this page shows is gone.";

/** What /app/live answers. */
interface LiveAnswer {
  readonly hasNewEvents: boolean;
  /** The address to ask next. */
  readonly next: string;
  /** Whether to ask it at once. */
  readonly more: boolean;
}

/** Nothing happens on pages without `data-live`. */
export function followLog(prepare: (region: HTMLElement) => void): void {
  const status = document.querySelector<HTMLElement>("[data-live-status]");
  if (status === null || (addressIn(document) === undefined && everyMs(document) === undefined)) return;
  showSign(true);
  const follower = new Follower(status, prepare);
  document.addEventListener("visibilitychange", () => follower.wake());
  addEventListener("online", () => follower.wake());
  follower.wake(shortestPauseMs());
}

function showSign(isLive: boolean): void {
  for (const sign of document.querySelectorAll<HTMLElement>("[data-live-sign]")) sign.hidden = !isLive;
}

function addressIn(page: Document): string | undefined {
  return page.querySelector<HTMLElement>("[data-live]")?.dataset.live;
}

/** For what is no event of the log. */
function everyMs(page: Document): number | undefined {
  const seconds = page.querySelector<HTMLElement>("[data-live-every]")?.dataset.liveEvery;
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

function shortestPauseMs(): number {
  const seconds = document.querySelector<HTMLElement>("[data-live-pause]")?.dataset.livePause;
  return seconds === undefined ? SHORTEST_PAUSE_MS : Number(seconds) * 1_000;
}

class Follower {
  #address = addressIn(document);
  readonly #status: HTMLElement;
  readonly #prepare: (region: HTMLElement) => void;
  readonly #shortestMs = shortestPauseMs();
  #pauseMs = this.#shortestMs;
  #timer: number | undefined;
  #isBusy = false;
  #hasStopped = false;
  /** Whether something came that is not shown yet. */
  #isDue = false;

  constructor(status: HTMLElement, prepare: (region: HTMLElement) => void) {
    this.#status = status;
    this.#prepare = prepare;
  }

  /** Begins, or goes on after the page was out of sight, or the browser off line. */
  wake(afterMs = 0): void {
    clearTimeout(this.#timer);
    if (document.hidden || this.#hasStopped || this.#isBusy) return;
    this.#timer = setTimeout(() => void this.#turn(), afterMs);
  }

  async #turn(): Promise<void> {
    if (document.hidden) return;
    this.#isBusy = true;
    try {
      await this.#ask();
    } catch {
      this.#say(OUT_OF_REACH);
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    }
    this.#isBusy = false;
    // Many pages that lost the Worker at one moment do not come back at one moment.
    const pauseMs = this.#pauseMs * (1 + Math.random() / 4);
    if (!this.#hasStopped) this.#timer = setTimeout(() => void this.#turn(), pauseMs);
  }

  async #ask(): Promise<void> {
    if (this.#address === undefined) return await this.#refresh();
    const answer = await this.#fetch(this.#address);
    if (answer === undefined) return;
    // The log was restored to an earlier time: the page knows where it ends now.
    if (answer.status === 400) this.#isDue = true;
    else {
      const { hasNewEvents, next, more } = (await answer.json()) as LiveAnswer;
      this.#address = next;
      this.#isDue ||= hasNewEvents;
      this.#pauseMs =
        more && !hasNewEvents ? 0 : Math.min(Math.max(this.#pauseMs, this.#shortestMs) * 1.25, LONGEST_PAUSE_MS);
    }
    if (this.#status.textContent === OUT_OF_REACH) this.#say("");
    if (this.#isDue) await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const startedAtMs = performance.now();
    const answer = await this.#fetch(location.href);
    if (answer === undefined) return;
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.#pauseMs = Math.max(this.#shortestMs, (performance.now() - startedAtMs) * PAUSES_PER_FETCH);
    let newRows = 0;
    for (const region of document.querySelectorAll<HTMLElement>("[data-live-region]")) {
      const replaced = replaceRegion(region, page);
      // Somebody writes or selects there: later.
      if (replaced === undefined) return;
      this.#prepare(replaced.region);
      newRows += replaced.newRows;
    }
    this.#address = addressIn(page);
    this.#pauseMs = Math.max(this.#pauseMs, everyMs(page) ?? 0);
    this.#isDue = false;
    const words = newRows === 0 ? "" : newRows === 1 ? "1 new event." : `${newRows} new events.`;
    if (this.#address === undefined && everyMs(page) === undefined) this.#stop(words);
    else this.#say(words);
  }

  /** Undefined where there is nothing to follow any more. Throws without an answer, or when it may be another later. */
  async #fetch(address: string): Promise<Response | undefined> {
    const signal = AbortSignal.timeout(LONGEST_WAIT_MS);
    const answer = await fetch(address, { redirect: "manual", credentials: "same-origin", signal });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      this.#stop(SIGNED_OUT);
      return undefined;
    }
    if (answer.status === 404) {
      this.#stop(GONE);
      return undefined;
    }
    if (answer.status > 404) throw new Error(answer.statusText);
    return answer;
  }

  #stop(words: string): void {
    this.#hasStopped = true;
    showSign(false);
    this.#say(words);
  }

  /** Also the same words again, which are read out again; that it is out of reach is said once. */
  #say(words: string): void {
    if (words === OUT_OF_REACH && this.#status.textContent === words) return;
    if (words !== "" || this.#status.textContent !== "") this.#status.replaceChildren(words);
  }
}
