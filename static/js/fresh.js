// Runs a function over the page now and over whatever is put into it later, by htmx or otherwise.
const callbacks = [];
let observer = null;

const run = () => {
  for (const callback of callbacks) callback();
};

export function whenFresh(callback) {
  callbacks.push(callback);
  callback();
  if (observer) return;
  observer = new MutationObserver((changes) => {
    if (changes.some((change) => change.addedNodes.length)) run();
  });
  observer.observe(document.body, { childList: true, subtree: true });
}
