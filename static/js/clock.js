// The server's clock: bids count by it, so the countdown runs on it. The page says the server's time at its
// rendering; the browser knows when the first byte of it arrived.
let offset = 0;

export const now = () => Date.now() + offset;

/** Set the clock from a server's time (milliseconds) that was true at a moment of our own clock. */
export function setClock(serverMilliseconds, ownMilliseconds = Date.now()) {
  if (Number.isFinite(serverMilliseconds)) offset = serverMilliseconds - ownMilliseconds;
}

async function askServer() {
  try {
    const asked = Date.now();
    const answer = await fetch("/healthz", { method: "HEAD", cache: "no-store" });
    const answered = Date.now();
    // The Date header has whole seconds: half a second is the best guess for the rest.
    setClock(Date.parse(answer.headers.get("date") ?? "") + 500, (asked + answered) / 2);
  } catch {
    // offline: the reader's own clock stands until the page is loaded again
  }
}

const stated = Date.parse(document.querySelector('meta[name="server-time"]')?.content ?? "");
const loading = performance.getEntriesByType("navigation")[0];
// A page that comes out of the browser's cache states the time of its first rendering.
const fromCache = loading?.type === "back_forward" && loading.transferSize === 0;
if (Number.isFinite(stated) && loading && !fromCache) setClock(stated, performance.timeOrigin + loading.responseStart);
else if (document.querySelector("[data-countdown]")) askServer();

window.addEventListener("pageshow", (event) => {
  if (event.persisted) askServer();
});
