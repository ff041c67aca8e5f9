// Keeps the input field and the last messages visible while a soft keyboard covers the lower half.

const viewport = window.visualViewport;
const SHORT = 520; // px, as in the style sheet

// iOS leaves the page's height as it is and pushes the page up instead: so it is made shorter here.
function fit() {
  if (!viewport || viewport.scale > 1.01) return; // a courier who has zoomed in looks around freely
  const hidden = document.documentElement.clientHeight - viewport.height > 1;
  document.body.style.height = hidden ? `${viewport.height}px` : "";
  // iOS draws a keyboard over the page without changing its height: no media query sees that
  document.body.classList.toggle("short", hidden && viewport.height < SHORT);
  if (hidden) window.scrollTo(0, 0);
}

// Calls `view.settle` when `log` becomes smaller while its end is in sight.
export function watchKeyboard(log, view) {
  let height = log.clientHeight;
  new ResizeObserver(() => {
    const less = height - log.clientHeight;
    height = log.clientHeight;
    const below = log.scrollHeight - log.scrollTop - log.clientHeight;
    if (less > 0 && below - less < 40) view.settle();
  }).observe(log);
  viewport?.addEventListener("resize", fit);
  viewport?.addEventListener("scroll", fit);
  fit();
}
