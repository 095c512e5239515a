// Small habits of every page: messages that can be closed, menus that close themselves, forms in a dialog.
const dialog = document.getElementById("dialog");
const dialogBody = document.getElementById("dialog-body");

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;

  const dismiss = target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(dismiss.dataset.dismiss)?.remove();

  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
  if (target.closest("[data-dialog-close]") || target === dialog) dialog?.close();
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
    if (dialogBody.childElementCount && !dialog.open) dialog.showModal();
  }).observe(dialogBody, { childList: true });
  dialog.addEventListener("close", () => dialogBody.replaceChildren());
}

// The filters of a list stand open where there is room for them.
const wide = matchMedia("(min-width: 64rem)");
const openFilters = () => {
  for (const filters of document.querySelectorAll("details.filters")) filters.open = wide.matches;
};
wide.addEventListener("change", openFilters);
openFilters();
