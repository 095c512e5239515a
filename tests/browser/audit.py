"""What a reader of the screen or of the keyboard alone would stumble over, asked of the page itself."""

from typing import Any

FAULTS = """() => {
  const faults = [];
  const say = (what, element) => faults.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
  const named = (element) => [
    element.textContent, element.getAttribute("aria-label"), element.title,
    ...[...element.querySelectorAll("img[alt], svg[aria-label]")].map((one) => one.alt ?? one.getAttribute("aria-label")),
    ...(element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => id && document.getElementById(id)?.textContent),
  ].some((words) => words && words.trim());

  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (![...(control.labels ?? [])].some(named) && !named(control)) say("no label", control);
    for (const id of (control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean)) {
      if (!document.getElementById(id)) say(`describes nothing (${id})`, control);
    }
  }
  for (const element of document.querySelectorAll("button, a[href], summary")) if (!named(element)) say("no name", element);
  for (const image of document.querySelectorAll("img:not([alt])")) say("no alt", image);
  for (const element of document.querySelectorAll("[tabindex]")) if (element.tabIndex > 0) say("order of its own", element);
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    if (link.hash.length > 1 && !document.getElementById(decodeURIComponent(link.hash.slice(1)))) say("leads nowhere", link);
  }
  const headings = document.querySelectorAll("h1:not(dialog h1)").length;
  if (headings !== 1) faults.push(`${headings} h1`);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((one, place) => ids.indexOf(one) !== place))) faults.push(`twice: #${id}`);
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title.trim()) faults.push("no title");
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) faults.push(`wider than the window by ${wide} pixels`);
  return faults;
}"""


def faults(page: Any) -> list[str]:
    """Missing labels and names, ids that occur twice, links to nowhere, a page wider than its window."""
    return [f"{page.url}: {fault}" for fault in page.evaluate(FAULTS)]
