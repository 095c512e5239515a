// The list of notices grows while it is looked at, and following a notice marks it as read.
import { whenFresh } from "./fresh.js";

/** The stream says what is newest and how many are unread: a list that says otherwise is fetched again. */
let asked = "";
whenFresh(() => {
  const told = document.getElementById("notice-state")?.textContent.trim();
  const list = document.getElementById("notice-list");
  if (!told || !list?.dataset.noticeState || list.dataset.noticeState === told || asked === told) return;
  asked = told; // once for each news, whatever the answer
  list.dispatchEvent(new CustomEvent("news"));
});

// Sent beside the page that is opened, so that opening it waits for nothing; without script the row's button does it.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-notice]");
  const token = link?.parentElement.querySelector('input[name="csrf_token"]');
  if (!token) return;
  const form = new FormData();
  form.set("csrf_token", token.value);
  form.set("id", link.dataset.notice);
  navigator.sendBeacon("/notifications/read", form);
});
