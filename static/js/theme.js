// Loaded in <head> without defer: the chosen theme stands before anything is painted.
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const read = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage may be forbidden; then the system decides
    }
  };

  const show = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (choice ?? "auto")));
    }
  };

  show(read());
  document.addEventListener("DOMContentLoaded", () => show(read()));
  window.addEventListener("storage", (event) => event.key === "theme" && show(event.newValue));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-choice]");
    if (!button) return;
    const choice = button.dataset.themeChoice === "auto" ? null : button.dataset.themeChoice;
    try {
      if (choice) localStorage.setItem("theme", choice);
      else localStorage.removeItem("theme");
    } catch {
      // not kept, but shown
    }
    show(choice);
  });
})();
