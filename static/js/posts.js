// What only the reader's own page knows of posts: which lines it has already, and which new posts to announce.
// Everything works without it; then nothing is announced and comments come with the next page.
import { whenFresh } from "./fresh.js";

const words = (element, name) => new Set((element?.dataset[name] ?? "").split(" ").filter(Boolean));

/** A line that came twice (by the answer and by the stream, or replayed) stands where it stood first. */
function dropTwins() {
  for (const list of document.querySelectorAll("[data-comments]")) {
    const seen = new Set();
    for (const row of list.querySelectorAll(":scope > [id]")) {
      if (seen.has(row.id)) row.remove();
      else seen.add(row.id);
    }
  }
}

/** "3 new posts": those that this list would show and that are not one's own. */
function countNew() {
  const feed = document.querySelector("[data-feed]");
  const news = feed?.querySelector("[data-feed-news]");
  if (!news) return;
  const tag = feed.dataset.feedTag;
  const found = new Set();
  for (const mark of feed.querySelectorAll("[data-new-post]")) {
    const by = mark.dataset.newBy;
    if (by === feed.dataset.ownAuthor || (tag && !words(mark, "newTags").has(tag))) continue;
    if (!document.getElementById(`post-${mark.dataset.newPost}`)) found.add(mark.dataset.newPost);
  }
  const text = found.size === 1 ? "1 new post" : `${found.size} new posts`;
  news.hidden = found.size === 0;
  const shown = news.querySelector("[data-feed-news-words]");
  if (found.size && shown.textContent !== text) shown.textContent = text;
}

whenFresh(() => {
  dropTwins();
  countNew();
});
