// Comfort of a chat's field and list; the form and the button "older" work without any of it.
import { whenFresh } from "./fresh.js";

const NEAR = 80; // pixels from the bottom that still count as reading the newest
const FIVE_LINES = 5;
const touch = matchMedia("(pointer: coarse)");
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
    // While an input method composes, Enter accepts a word (229 is what Safari says of it); on touch it breaks the line.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229 || touch.matches) return;
    event.preventDefault();
    if (field.value.trim() || hasPicture(form)) form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    form.dataset.sent = field.value;
    sayError("");
    // Without htmx the page goes away with the text: forget the draft only once it is surely on its way.
    if (!form.matches("[hx-post], [data-hx-post]")) keepDraft(form, "");
  });
  form.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (sourceElement !== form || response.status >= 500) return;
    if (document.activeElement === document.body || form.contains(document.activeElement)) field.focus();
    if (response.status >= 400) return;
    // What was typed while the message travelled stays.
    if (field.isConnected && field.value === form.dataset.sent) field.value = "";
    keepDraft(form, field.isConnected ? field.value : "");
    detach(form);
    grow(field);
  });
  const failed = (event) => {
    if (event.detail.ctx?.sourceElement !== form || event.detail.ctx.response?.status < 500) return;
    sayError("This was not sent. It stays here: send it again in a moment.");
    field.focus();
  };
  form.addEventListener("htmx:error", failed);
  form.addEventListener("htmx:response:error", failed);
  setUpPicture(form);
}

/** In the words of the server's own refusals, beside the field. */
function sayError(words) {
  const error = document.getElementById("chat-error");
  if (!error) return;
  error.hidden = !words;
  error.textContent = words;
}

const hasPicture = (form) => Boolean(form.querySelector('input[type="file"]')?.files.length);

/** The chosen picture is shown before it is sent; a picture on the clipboard counts as chosen. */
function setUpPicture(form) {
  const input = form.querySelector('input[type="file"]');
  const shown = form.querySelector("[data-chat-attached]");
  if (!input || !shown) return;
  const show = () => {
    const [file] = input.files;
    shown.hidden = !file;
    if (!file) return;
    shown.querySelector("[data-chat-attached-name]").textContent = file.name;
    const reader = new FileReader(); // the policy for pictures allows data:, not blob:
    reader.addEventListener("load", () => (shown.querySelector("img").src = reader.result));
    reader.readAsDataURL(file);
    form.querySelector("textarea").focus();
  };
  input.addEventListener("change", show);
  form.querySelector("[data-chat-detach]").addEventListener("click", () => {
    detach(form);
    form.querySelector("textarea").focus();
  });
  form.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])].find((file) => input.accept.split(",").includes(file.type));
    if (!pasted) return;
    event.preventDefault();
    const chosen = new DataTransfer();
    chosen.items.add(pasted);
    input.files = chosen.files;
    show();
  });
  if (input.files.length) show(); // a browser may keep it over a reload
}

function detach(form) {
  const input = form.querySelector('input[type="file"]');
  if (!input) return;
  input.value = "";
  const shown = form.querySelector("[data-chat-attached]");
  shown.hidden = true;
  shown.querySelector("img").removeAttribute("src");
}

/** The form that stands in a line's place while it is edited: Enter saves, Escape leaves it as it was. */
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-chat-edit]");
  if (!form || event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape") form.querySelector("[data-chat-edit-cancel]").click();
  if (event.key !== "Enter" || event.shiftKey || touch.matches) return;
  event.preventDefault();
  form.requestSubmit();
});

/** A picture opens large over the page; without script its link leads to it. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-large]");
  const body = document.getElementById("dialog-body");
  if (!link || !body || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const picture = document.createElement("img");
  picture.className = "large-picture";
  picture.src = link.href;
  picture.alt = link.querySelector("img").alt;
  body.replaceChildren(picture);
});

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
  // The field grows, a phone's keyboard opens: who read the newest reads on.
  new ResizeObserver(() => atEnd && toEnd()).observe(list);
}

whenFresh(() => {
  document.querySelectorAll("form[data-chat]").forEach(setUpForm);
  document.querySelectorAll("[data-chat-lines], #chat-lines").forEach(setUpList);
});
