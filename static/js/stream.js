// What the stream extension leaves open: it never tries again when the first connect fails, it cannot see a
// connection that died in silence, and it shows the reader nothing.
import { setClock } from "./clock.js";

const BANNER_DELAY = 1500; // a reconnect that takes less is not worth a word
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30000;
const SILENCE = 40000; // the server sends a heartbeat every 15 s

export const stream = document.querySelector("[hx-sse\\:connect]");
let delay = FIRST_DELAY;
let retry = null;
let bannerTimer = null;
let lastHeard = 0;
let heartbeats = false;

const showBanner = () => {
  const banner = document.getElementById("connection-banner");
  if (banner && !document.hidden) banner.hidden = false;
};

const lost = () => {
  bannerTimer ??= setTimeout(showBanner, BANNER_DELAY);
};

const found = () => {
  clearTimeout(bannerTimer);
  bannerTimer = null;
  delay = FIRST_DELAY;
  lastHeard = performance.now();
  const banner = document.getElementById("connection-banner");
  if (banner) banner.hidden = true;
};

const connection = () => stream._htmx?.sse;

function connect() {
  retry = null;
  if (!stream.isConnected || connection()) return;
  htmx.ajax("GET", stream.getAttribute("hx-sse:connect"), { source: stream });
}

function connectLater() {
  if (retry || connection()) return;
  lost();
  const wait = delay * (0.7 + Math.random() * 0.6);
  delay = Math.min(delay * 2, LONGEST_DELAY);
  retry = setTimeout(connect, wait);
}

/** Wake a connection that waits for its next try, or end one that is dead: the extension then connects again. */
export function hurry() {
  const open = connection();
  if (open?.delayCanceller) open.delayCanceller();
  else if (open?.reader) open.reader.cancel();
  else if (retry) {
    clearTimeout(retry);
    connect();
  }
}

function watch() {
  stream.addEventListener("htmx:sse:after:connection", found);
  stream.addEventListener("htmx:sse:error", lost);
  stream.addEventListener("htmx:sse:before:connection", (event) => {
    if (event.detail.connection.attempt > 0) lost();
  });
  stream.addEventListener("htmx:sse:before:message", () => {
    lastHeard = performance.now();
  });
  // A named event "heartbeat" may carry the server's time.
  stream.addEventListener("heartbeat", (event) => {
    heartbeats = true;
    lastHeard = performance.now();
    setClock(Date.parse(event.detail?.data ?? ""));
  });
  stream.addEventListener("htmx:error", connectLater);
  stream.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx.response.status;
    if (status >= 500 || status === 429) connectLater();
  });

  window.addEventListener("offline", () => {
    showBanner();
    hurry();
  });
  window.addEventListener("online", hurry);
  window.addEventListener("pageshow", (event) => event.persisted && !connection() && connect());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !connection()) connectLater();
  });
  setInterval(() => {
    if (heartbeats && !document.hidden && connection()?.reader && performance.now() - lastHeard > SILENCE) hurry();
  }, 5000);
}

if (stream) watch();
