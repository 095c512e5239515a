// Comfort of a chat's field and list; the form and the button "older" work without any of it.
import { whenFresh } from "./fresh.js";

const NEAR = 80; // pixels from the bottom that still count as reading the newest
const FIVE_LINES = 5;
const set = new WeakSet();

const draftKey = (form) => `draft ${form.dataset.chatKey ?? location.pathname}`;

function keepDraft(form, text) {
  try {
    if (text) localStorage.setItem(draftKey(form), text);
    else localStorage.removeItem(draftKey(form));
  } catch {
    // storage may be forbidden; then a reload forgets the draft
  }
}

function readDraft(form) {
  try {
    return localStorage.getItem(draftKey(form)) ?? "";
  } catch {
    return "";
  }
}

function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  const line = parseFloat(getComputedStyle(field).lineHeight) || 22;
  field.rows = Math.min(FIVE_LINES, Math.max(1, field.value.split("\n").length));
  while (field.rows < FIVE_LINES && field.scrollHeight > field.clientHeight + line / 2) field.rows += 1;
}

function setUpForm(form) {
  const field = form.querySelector("textarea");
  if (!field || set.has(form)) return;
  set.add(form);
  if (!field.value) field.value = readDraft(form);
  grow(field);
  field.addEventListener("input", () => {
    keepDraft(form, field.value);
    grow(field);
  });
  field.addEventListener("keydown", (event) => {
    // While an input method composes, Enter accepts a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (field.value.trim()) form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    form.dataset.sent = field.value;
    // Without htmx the page goes away with the text: forget the draft only once it is surely on its way.
    if (!form.matches("[hx-post], [data-hx-post]")) keepDraft(form, "");
  });
  form.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.sourceElement !== form || event.detail.ctx.response.status >= 400) return;
    // What was typed while the message travelled stays.
    if (field.isConnected && field.value === form.dataset.sent) field.value = "";
    keepDraft(form, field.isConnected ? field.value : "");
    grow(field);
  });
}

/** A line or a day that came twice (by the answer and by the stream, or replayed) stands where it stood first. */
function dropTwins(list) {
  const seen = new Set();
  for (const row of list.querySelectorAll(":scope > [id]")) {
    if (seen.has(row.id)) row.remove();
    else seen.add(row.id);
  }
}

function setUpList(list) {
  if (set.has(list)) return;
  set.add(list);
  dropTwins(list);
  let atEnd = true;
  let before = { first: list.firstElementChild, height: list.scrollHeight, top: 0 };

  const toEnd = () => {
    list.scrollTop = list.scrollHeight;
  };
  const remember = () => {
    atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
    before = { first: firstLine(), height: list.scrollHeight, top: list.scrollTop };
  };
  const firstLine = () => list.querySelector("[data-fresh-id], [data-message-id], .chat-line");

  toEnd();
  remember();
  list.addEventListener(
    "scroll",
    () => {
      const upwards = list.scrollTop < before.top;
      remember();
      if (upwards && list.scrollTop < NEAR) list.querySelector("[data-chat-older]:not([data-asked])")?.click();
    },
    { passive: true },
  );
  list.addEventListener("click", (event) => {
    // One request for one button, however long it takes.
    event.target.closest?.("[data-chat-older]")?.setAttribute("data-asked", "");
  });
  new MutationObserver(() => {
    dropTwins(list);
    if (firstLine() !== before.first) {
      // Older lines came above: what is being read stays where it is.
      list.scrollTop = before.top + (list.scrollHeight - before.height);
    } else if (atEnd) {
      toEnd();
    }
    remember();
  }).observe(list, { childList: true, subtree: true });
}

whenFresh(() => {
  document.querySelectorAll("form[data-chat]").forEach(setUpForm);
  document.querySelectorAll("[data-chat-lines], #chat-lines").forEach(setUpList);
});
