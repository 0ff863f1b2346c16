/* What scrolls sideways can be reached by the keyboard, and is marked as long as there is more to see. */
"use strict";

window.addEventListener("load", () => {
  const regions = document.querySelectorAll(
    ".bd-article .pst-scrollable-table-container, .bd-article .text_html, .bd-article mjx-container[display='true']");
  const look = () => {
    for (const region of regions) {
      const hidden = region.scrollWidth - region.clientWidth;
      const scrolls = hidden > 1 && getComputedStyle(region).overflowX !== "visible";
      region.classList.toggle("has-more", scrolls && region.scrollLeft < hidden - 1);
      if (!scrolls) {
        region.removeAttribute("tabindex");
      } else if (region.tabIndex < 0) {
        region.tabIndex = 0;
        if (region.tagName === "DIV") {
          region.setAttribute("role", "group");
          region.setAttribute("aria-label", "Wider than the page: scroll sideways");
        }
      }
    }
  };
  for (const region of regions) region.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(document.querySelector(".bd-article") || document.body);
  if (window.MathJax && MathJax.startup) MathJax.startup.promise.then(look);
});

// What nobody has scrolled to yet is to be on paper as well.
window.addEventListener("beforeprint", () => {
  for (const picture of document.querySelectorAll("img[loading='lazy']")) picture.loading = "eager";
});
