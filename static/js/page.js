// Small habits of every page: messages that can be closed, menus that close themselves, forms in a dialog.
import { whenFresh } from "./fresh.js";
import { zoneName } from "./zone.js";

const dialog = document.getElementById("dialog");
const dialogBody = document.getElementById("dialog-body");

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;

  const dismiss = target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(dismiss.dataset.dismiss)?.remove();

  if (target.closest("[data-print]")) window.print();

  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target) || target.closest("a[href]")) menu.open = false;
  }
  if (dialog?.open && (target.closest("[data-dialog-close]") || target === dialog)) {
    event.preventDefault(); // it may be a link that leads back where there is no dialog
    dialog.close();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

// A form that was fetched into the dialog opens it; closed, it is emptied, so that its ids are unique again.
if (dialog && dialogBody) {
  new MutationObserver(() => {
    if (!dialogBody.childElementCount) dialog.close(); // an answer may empty it: it is done
    else if (!dialog.open) dialog.showModal();
  }).observe(dialogBody, { childList: true });
  dialog.addEventListener("close", () => dialogBody.replaceChildren());
}

// Copies the value of a field, and says so; where the browser has no clipboard (plain http), it selects it instead.
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-copy]");
  const field = button && document.querySelector(button.dataset.copy);
  if (!field) return;
  const status = button.parentElement.querySelector("[data-copy-status]");
  try {
    await navigator.clipboard.writeText(field.value);
    status.textContent = "Copied.";
  } catch {
    field.select();
    status.textContent = "It is selected: copy it with your keyboard.";
  }
});

// The filters of a list stand open where there is room for them, also when the list was swapped.
const wide = matchMedia("(min-width: 64rem)");
const setFilters = (open) => {
  for (const filters of document.querySelectorAll("details.filters")) filters.open = open;
};
wide.addEventListener("change", () => setFilters(wide.matches));
whenFresh(() => wide.matches && setFilters(true));

// Who has chosen no zone is offered the browser's; never where a time was typed already, which it would move.
for (const select of document.querySelectorAll("select[data-guess-zone]")) {
  const typed = [...select.form.querySelectorAll('input[type="datetime-local"]')].some((input) => input.value);
  const option = [...select.options].find((candidate) => candidate.value === zoneName);
  if (option && !typed) select.value = zoneName;
}

// A server that failed or could not be reached is never swapped in; the page says so in our own words instead.
const sayFailed = (event) => {
  const status = event.detail?.ctx?.response?.status ?? 0;
  const isStream = event.target instanceof Element && event.target.hasAttribute("hx-sse:connect");
  const saysItself = event.target instanceof Element && event.target.matches("form[data-chat]");
  if (isStream || saysItself || (status && status < 500)) return;
  const words = document.getElementById("failed-notice");
  if (words) document.getElementById("notices")?.replaceChildren(words.content.cloneNode(true));
};
document.addEventListener("htmx:response:error", sayFailed);
document.addEventListener("htmx:error", sayFailed);
