"use strict";

// While an input method composes (pinyin becoming characters), live search must not ask: its events
// end here, and the finished text is announced once.
for (const type of ["input", "keyup", "keydown", "change"]) {
  document.addEventListener(type, (event) => {
    if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
  }, true);
}
document.addEventListener("compositionend", (event) => {
  event.target.dispatchEvent(new Event("input", { bubbles: true }));
}, true);

// A form that was sent is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target instanceof HTMLFormElement) delete event.target.dataset.sent;
});

// A request that a newer one or the next page replaces is no error.
htmx.logger = (_element, name, detail) => {
  if (name === "htmx:sendAbort" || name === "htmx:afterRequest") delete detail.error;
};

// A time that is filled in chooses what it belongs to.
document.addEventListener("input", (event) => {
  const chosen = document.getElementById(event.target.dataset.chooses || "");
  if (chosen) chosen.checked = true;
});
