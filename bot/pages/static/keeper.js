/* Exchanges the token in the fragment for a session, shows the form, saves it. The session lives in
   this page only; nothing is stored in the browser, and nothing goes to another host. */
"use strict";

(() => {
  const box = document.getElementById("keeper");
  let session = "";
  let isSaving = false;

  async function post(path, body) {
    const headers = { "Content-Type": "application/json" };
    if (session) headers.Authorization = `Bearer ${session}`;
    const response = await fetch(path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    return { ok: response.ok, ...(await response.json()) };
  }

  function say(text) {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    box.textContent = "";
    box.append(paragraph);
  }

  function show(html) {
    box.innerHTML = html; // made and escaped by our own server
    const again = document.getElementById("again");
    if (again) again.addEventListener("click", open);
    const form = document.getElementById("answer");
    if (!form) return;
    form.addEventListener("submit", save);
    form.addEventListener("change", () => toggleEarly(form));
    toggleEarly(form);
  }

  function toggleEarly(form) {
    const isEarly = form.elements.today.value === "early";
    document.getElementById("early").hidden = !isEarly;
    form.elements.closes.required = isEarly;
  }

  async function open() {
    const token = location.hash.slice(1);
    if (!token) {
      say(box.dataset.lost);
      return;
    }
    session = "";
    try {
      const answer = await post("/k/open", { token });
      session = answer.session || "";
      if (answer.title) {
        document.title = answer.title;
        document.querySelector("h1").textContent = answer.title;
      }
      if (answer.html) show(answer.html);
      else say(answer.error);
    } catch {
      say(box.dataset.offline);
    }
  }

  function filled(form) {
    const hours = {};
    for (const input of form.querySelectorAll('input[name^="day:"]')) {
      if (input.value.trim() !== input.defaultValue.trim()) hours[input.name.slice(4)] = input.value;
    }
    const facilities = {};
    const shown = {};
    for (const choice of form.querySelectorAll("fieldset.choice:not(.today)")) {
      const input = choice.querySelector("input");
      const code = input.name.slice(9);
      const chosen = choice.querySelector("input:checked");
      if (chosen) facilities[code] = chosen.value;
      shown[code] = choice.dataset.shown;
    }
    const today = form.elements.today.value;
    return {
      form: form.dataset.form,
      version: Number(form.dataset.version),
      today,
      closes: today === "early" ? form.elements.closes.value : "",
      hours,
      facilities,
      shown,
    };
  }

  function complain(form, text, field) {
    const error = document.getElementById("error");
    error.textContent = text;
    error.hidden = false;
    const input = field && form.elements[field];
    if (input) input.parentNode.after(error); // beside what is to be corrected
    (input || error).scrollIntoView({ block: "center" });
    if (input) input.focus();
  }

  async function save(event) {
    event.preventDefault();
    if (isSaving) return;
    isSaving = true;
    const form = event.target;
    const button = form.querySelector('button[type="submit"]');
    button.disabled = true;
    document.getElementById("error").hidden = true;
    try {
      const answer = await post("/k/save", filled(form));
      if (answer.html) {
        show(answer.html);
        scrollTo(0, 0);
      } else {
        complain(form, answer.error, answer.field);
      }
    } catch {
      complain(form, box.dataset.offline);
    } finally {
      isSaving = false;
      button.disabled = false;
    }
  }

  addEventListener("hashchange", open);
  open();
})();
