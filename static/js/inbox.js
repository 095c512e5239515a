// The list of chats beside an open one: asked for anew when something happens in any of them, at most once a second.
import { stream } from "./stream.js";
import { whenFresh } from "./fresh.js";

const GATHER_MILLISECONDS = 1000;
let timer = null;
let last = -Infinity;

const list = () => document.getElementById("inbox-list");

function ask() {
  timer = null;
  last = performance.now();
  if (!list() || document.hidden) return;
  htmx.ajax("GET", `/inbox?open=${encodeURIComponent(location.pathname)}`, {
    source: list(),
    target: list(),
    swap: "outerMorph",
  });
}

const askSoon = () => {
  timer ??= setTimeout(ask, Math.max(0, last + GATHER_MILLISECONDS - performance.now()));
};

// Whatever changes a chat also tells its members how much is unread.
stream?.addEventListener("htmx:sse:after:message", (event) => {
  if (event.detail.message.data?.includes("#bar-inbox")) askSoon();
});
document.addEventListener("visibilitychange", () => document.hidden || askSoon());

whenFresh(() => {
  // A chat that moved up stands in the list of older ones no more.
  for (const row of document.querySelectorAll("[data-inbox-more] > li[id]")) {
    if (list()?.querySelector(`#${row.id}`)) row.remove();
  }
});

// A long list of people to tick, by a part of the name.
document.addEventListener("input", (event) => {
  const filter = event.target;
  if (!(filter instanceof HTMLInputElement) || !filter.dataset.filters) return;
  const wanted = filter.value.trim().toLocaleLowerCase();
  for (const row of document.querySelectorAll(`${filter.dataset.filters} > li`)) {
    row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
  }
});
