// What a chat's line says to its reader alone: whether it was seen, what may still be done about it, how far was read.
import { whenFresh } from "./fresh.js";

const GATHER_MILLISECONDS = 400;
const NEAR = 80; // pixels from the bottom that still count as reading the newest

const numberOf = (line) => Number(line.dataset.number ?? 0);
const atEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;

/** "Seen" under the newest own line that somebody has read, in a group by how many. */
function showSeen(chat) {
  const reads = chat.querySelector("[data-chat-reads]");
  if (!reads) return;
  const own = chat.dataset.ownAuthor;
  const others = reads.dataset.chatReads
    .split(" ")
    .map((pair) => pair.split(":"))
    .filter(([person]) => person !== own)
    .map(([, number]) => Number(number));
  const lines = [...chat.querySelectorAll(".chat-line.is-own[data-number]")].reverse();
  const seen = lines.find((line) => others.some((number) => number >= numberOf(line)));
  const count = seen ? others.filter((number) => number >= numberOf(seen)).length : 0;
  const words = others.length === 1 ? "Seen" : count === others.length ? "Seen by all" : `Seen by ${count}`;
  for (const mark of chat.querySelectorAll(".chat-seen")) {
    if (mark.parentElement !== seen) mark.remove();
  }
  if (!seen) return;
  const mark = seen.querySelector(".chat-seen") ?? seen.appendChild(document.createElement("p"));
  mark.className = "chat-seen";
  if (mark.textContent !== words) mark.textContent = words;
}

/** After a quarter of an hour a message stands as it is. */
function endChanging() {
  for (const link of document.querySelectorAll("[data-until]")) link.hidden = Date.parse(link.dataset.until) <= Date.now();
}

const timers = new WeakMap();
const told = new WeakMap();

/** Tell how far was read: what stands at the end of the list of a page that somebody looks at. */
function tellRead(chat) {
  timers.delete(chat);
  const list = chat.querySelector("[data-chat-lines]");
  if (document.hidden || !list || !atEnd(list)) return;
  const newest = Math.max(0, ...[...list.querySelectorAll("[data-number]")].map(numberOf));
  if (newest <= (told.get(chat) ?? Number(chat.dataset.readNumber))) return;
  const before = told.get(chat);
  told.set(chat, newest);
  const body = new URLSearchParams({ number: newest, csrf_token: chat.querySelector('[name="csrf_token"]')?.value ?? "" });
  fetch(chat.dataset.chatRead, { method: "POST", body }).then(
    (answer) => answer.ok || told.set(chat, before),
    () => told.set(chat, before), // offline: it is told with the next look
  );
}

function tellReadSoon() {
  for (const chat of document.querySelectorAll("[data-chat-read]")) {
    if (!timers.has(chat)) timers.set(chat, setTimeout(tellRead, GATHER_MILLISECONDS, chat));
  }
}

whenFresh(() => {
  document.querySelectorAll(".chat").forEach(showSeen);
  endChanging();
  tellReadSoon();
});
setInterval(endChanging, 10000);
document.addEventListener("visibilitychange", tellReadSoon);
window.addEventListener("online", tellReadSoon);
document.addEventListener("scroll", tellReadSoon, { capture: true, passive: true });
