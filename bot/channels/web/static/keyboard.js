// Keeps the field and the last words in sight while a soft keyboard covers the lower half.

const seen = window.visualViewport;

// iOS leaves the page's height as it is and pushes the page up instead: so it is made shorter here.
function fit() {
  if (!seen || seen.scale > 1.01) return; // a courier who has zoomed in looks around freely
  const hidden = document.documentElement.clientHeight - seen.height > 1;
  document.body.style.height = hidden ? `${seen.height}px` : "";
  if (hidden) window.scrollTo(0, 0);
}

// Who was reading the end of `log` still does when it becomes smaller.
export function watchKeyboard(log) {
  let height = log.clientHeight;
  new ResizeObserver(() => {
    const less = height - log.clientHeight;
    height = log.clientHeight;
    const below = log.scrollHeight - log.scrollTop - log.clientHeight;
    if (less > 0 && below - less < 40) log.scrollTop = log.scrollHeight;
  }).observe(log);
  seen?.addEventListener("resize", fit);
  seen?.addEventListener("scroll", fit);
  fit();
}
