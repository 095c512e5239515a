// Live without noise: what changes is gathered to one polite announcement every five seconds.
const GATHER_MILLISECONDS = 5000;
const waiting = new Map();
let lastSpoken = -Infinity;
let timer = null;

const speak = (id, text) => {
  const region = document.getElementById(id);
  if (!region) return;
  // The same words twice in a row are only read again if the region was empty between.
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 50);
};

const flush = () => {
  timer = null;
  lastSpoken = performance.now();
  speak("announce-polite", [...waiting.values()].join(" "));
  waiting.clear();
};

/** Say a text politely. A later text of the same key replaces one that was not yet said. */
export function announce(text, key = text) {
  waiting.delete(key);
  waiting.set(key, text);
  timer ??= setTimeout(flush, Math.max(0, lastSpoken + GATHER_MILLISECONDS - performance.now()));
}

/** Say at once: only for "You were outbid" and the end. */
export function announceNow(text) {
  speak("announce-assertive", text);
}
