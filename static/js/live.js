// What only the browser can know about a fragment that was rendered once for everybody:
// which rows are the reader's own, the reader's zone, what is being typed.
import { announce, announceNow } from "./announce.js";
import { whenFresh } from "./fresh.js";
import { timeZone, zonePlace } from "./zone.js";

const localFormat = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone,
});
const localTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", timeZone });
const localDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone });
const localDate = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeZone });
/** The hour of today, the day of before. */
const shortly = (when) => (localDate.format(when) === localDate.format(new Date()) ? localTime : localDay).format(when);
/** The reader's own alias or name: the first region that states one. */
const stated = (name) =>
  [...document.querySelectorAll(`[data-${name}]`)].map((region) => region.getAttribute(`data-${name}`)).find(Boolean);

function setTimes() {
  for (const element of document.querySelectorAll("time[data-local]")) {
    const when = new Date(element.dateTime);
    if (Number.isNaN(when.getTime()) || element.dataset.localDone === element.dateTime) continue;
    element.dataset.localDone = element.dateTime;
    element.title = when.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long", timeZone });
    if (element.dataset.local === "time") element.textContent = localTime.format(when);
    else if (element.dataset.local === "short") element.textContent = shortly(when);
    else element.textContent = `${localFormat.format(when)}${zonePlace && ` (${zonePlace})`}`;
  }
}

function markOwn() {
  for (const [row, own] of [
    ["alias", stated("own-alias")],
    ["author", stated("own-author")],
  ]) {
    for (const element of document.querySelectorAll(`[data-${row}]`)) {
      const mine = Boolean(own) && element.getAttribute(`data-${row}`) === own;
      element.classList.toggle("is-own", mine);
      const who = element.querySelector(".who");
      if (mine && who && !who.querySelector(".own-mark")) {
        const mark = document.createElement("span");
        mark.className = "own-mark";
        mark.textContent = "you";
        who.append(mark);
      }
    }
  }
}

/** Parts of a state that are for the leader, for one who was outbid, or for a watcher; the seller is one who watches. */
function showForReader() {
  const own = stated("own-alias");
  const selling = Boolean(stated("own-lot"));
  for (const region of document.querySelectorAll("[data-leader]")) {
    const role = !own ? "watching" : region.dataset.leader === own ? "leading" : "outbid";
    for (const part of region.querySelectorAll("[data-show-for]")) {
      const meant = part.dataset.showFor.split(" ");
      part.hidden = !meant.includes(role) && !(selling && meant.includes("selling"));
    }
  }
}

/** A new bid moves only the minimum and its hint, never what is being typed. */
function moveMinimum() {
  const minimum = document.getElementById("bid-minimum");
  if (!minimum?.dataset.minimum) return;
  for (const input of document.querySelectorAll("[data-follows-minimum]")) {
    if (input.min === minimum.dataset.minimum) continue;
    input.setAttribute("min", minimum.dataset.minimum);
    input.placeholder = minimum.dataset.minimum;
  }
  for (const text of document.querySelectorAll("[data-minimum-hint]")) {
    const hint = minimum.dataset.minimumText;
    if (!hint || text.textContent === hint) continue;
    text.textContent = hint;
    if (!text.hidden) continue;
    // An error named the minimum in its place, and that one is over.
    text.hidden = false;
    document.getElementById("bid-amount-error")?.remove();
    document.getElementById("bid-amount")?.setAttribute("aria-describedby", text.id);
  }
}

const spoken = new Map();
let opening = true;

/** data-announce="polite|assertive": said when its words are new, never at the opening of the page. */
function announceChanges() {
  for (const element of document.querySelectorAll("[data-announce]")) {
    if (element.closest("[hidden]")) continue;
    const key = element.dataset.announceKey ?? element.id ?? "";
    const text = (element.dataset.announceText ?? element.textContent).replace(/\s+/g, " ").trim();
    if (!text || spoken.get(key) === text) continue;
    spoken.set(key, text);
    if (opening) continue;
    if (element.dataset.announce === "assertive") announceNow(text);
    else announce(text, key);
  }
}

/** A row that came by itself lights up once; the rows of the page's opening are known. */
const known = new Set();

function lightUp() {
  for (const element of document.querySelectorAll("[data-fresh-id]")) {
    const id = element.dataset.freshId;
    if (known.has(id)) continue;
    known.add(id);
    if (!opening) element.classList.add("is-fresh");
  }
}

whenFresh(() => {
  setTimes();
  markOwn();
  showForReader();
  moveMinimum();
  announceChanges();
  lightUp();
});
opening = false;

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-fill-amount]");
  const input = button && document.querySelector("[data-amount-input], [data-follows-minimum]");
  if (!input) return;
  event.preventDefault(); // without script it is a link that fills the field
  input.value = button.dataset.fillAmount;
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
});
