// <time data-countdown="end|start" datetime="…">: the time left, on the server's clock.
// With data-countdown-announce it says 10, 5 and 1 minute politely; the element itself is silent (role="timer").
import { announce } from "./announce.js";
import { now } from "./clock.js";
import { whenFresh } from "./fresh.js";

const MARKS = [10, 5, 1]; // minutes
const LATE_SECONDS = 300;
const said = new Set();

const pair = (first, firstUnit, second, secondUnit) => `${first} ${firstUnit} ${second} ${secondUnit}`;

/** Time left in words: days and hours, hours and minutes below 24 h, minutes and seconds below 1 h. */
export function timeLeft(seconds) {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days) return pair(days, days === 1 ? "day" : "days", hours % 24, "h");
  if (hours) return pair(hours, "h", minutes % 60, "min");
  return pair(minutes, "min", String(seconds % 60).padStart(2, "0"), "s");
}

const put = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

function sayMarks(element, end, seconds) {
  for (const mark of MARKS) {
    const key = `${end} ${mark}`;
    if (seconds > mark * 60 || said.has(key)) continue;
    // A page that opens late does not say the marks that lie behind it.
    said.add(key);
    if (mark * 60 - seconds <= 2) announce(mark === 1 ? "1 minute left." : `${mark} minutes left.`, "time left");
  }
}

function show(element) {
  const end = Date.parse(element.dateTime);
  if (!Number.isFinite(end)) return;
  const starting = element.dataset.countdown === "start";
  const left = end - now();
  const seconds = Math.ceil(left / 1000);
  if (left <= 0) {
    put(element, starting ? "Starting …" : "Confirming the result …");
    element.classList.remove("is-late");
    return;
  }
  put(element, timeLeft(seconds));
  element.classList.toggle("is-late", !starting && seconds <= LATE_SECONDS);
  if (element.hasAttribute("data-countdown-announce")) sayMarks(element, end, seconds);
}

const all = () => document.querySelectorAll("time[data-countdown]");
const showAll = () => all().forEach(show);

/** Milliseconds until some countdown of the page turns to its next second, at zero above all. */
function untilNextTurn() {
  let wait = 1000;
  for (const element of all()) {
    const left = Date.parse(element.dateTime) - now();
    if (left > 0) wait = Math.min(wait, left % 1000);
  }
  return Math.max(wait, 40) + 5;
}

function tick() {
  showAll();
  setTimeout(tick, untilNextTurn());
}

whenFresh(showAll);
tick();
document.addEventListener("visibilitychange", () => document.hidden || showAll());
