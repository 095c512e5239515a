// My bids: a price that moved may have cost or brought the lead, and so may whatever moves the wallet. The list is then
// asked for anew, at most once a second; the prices themselves come with the stream.
import { whenFresh } from "./fresh.js";

const GATHER_MILLISECONDS = 1000;
let timer = null;
let last = -Infinity;
let known = "";

const list = () => document.getElementById("own-bids");
const words = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

/** What tells that something happened: the countdown of an end runs by itself and says nothing. */
function standing() {
  const prices = [...(list()?.querySelectorAll("[data-price-of]") ?? [])].map(
    (price) => `${price.dataset.priceOf} ${words(price.querySelector(".lot-price"))} ${price.querySelector("time")?.dateTime}`,
  );
  return [words(document.getElementById("bar-wallet")), ...prices.sort()].join("|");
}

function ask() {
  timer = null;
  last = performance.now();
  if (!list() || document.hidden) return;
  htmx.ajax("GET", list().dataset.ownBids, { source: list(), target: list(), select: "#own-bids", swap: "outerMorph" });
}

const askSoon = () => {
  timer ??= setTimeout(ask, Math.max(0, last + GATHER_MILLISECONDS - performance.now()));
};

whenFresh(() => {
  const now = standing();
  if (known && known !== now) askSoon();
  known = now;
});
document.addEventListener("visibilitychange", () => document.hidden || askSoon());
