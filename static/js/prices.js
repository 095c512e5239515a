// The page's stream also carries the prices of the lots that its texts show as cards ([data-price-of]).
// Cards come later too, with a message or older posts: then the stream is asked for anew, from where it stood.
import { hurry, stream } from "./stream.js";
import { whenFresh } from "./fresh.js";

const MOST = 20; // the server's own limit; the cards that came last are those being read
const GATHER_MILLISECONDS = 300;
const inOrder = new Map();
let request = null; // htmx's own, which it sends again for every reconnection
let asked = "";
let timer = null;

const wanted = () => [...inOrder.keys()].slice(-MOST).join(".");

function write() {
  const url = new URL(request.action, location.href);
  asked = wanted();
  if (asked) url.searchParams.set("prices", asked);
  else url.searchParams.delete("prices");
  request.action = url.pathname + url.search;
}

function askAnew() {
  timer = null;
  if (!request || wanted() === asked) return;
  write();
  stream.addEventListener("htmx:sse:before:connection", () => setTimeout(hurry), { once: true });
  hurry();
}

function look() {
  const present = new Set([...document.querySelectorAll("[data-price-of]")].map((card) => card.dataset.priceOf));
  for (const id of inOrder.keys()) if (!present.has(id)) inOrder.delete(id);
  for (const id of present) inOrder.set(id, true);
  // A card that went away costs nothing; it is left out with the next that comes.
  const told = new Set(asked.split("."));
  if ([...inOrder.keys()].slice(-MOST).some((id) => !told.has(id))) timer ??= setTimeout(askAnew, GATHER_MILLISECONDS);
}

if (stream) {
  stream.addEventListener("htmx:config:request", (event) => {
    request = event.detail.ctx.request;
    write();
  });
  whenFresh(look);
}
