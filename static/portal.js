/* What links and forms cannot do alone: keys, dialogs, rows, warnings. Every page works without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);
  root.classList.add("js");

  const isTyping = (element) => element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const isShown = (element) => element.getClientRects().length > 0 && !element.disabled;

  /* Keys: j k over rows, / search, ? the list of keys, and the letters that buttons name. */
  function step(by) {
    const links = [...document.querySelectorAll("[data-row]")].map((row) => row.querySelector("a")).filter(Boolean);
    if (!links.length) return;
    const here = links.findIndex((link) => link === document.activeElement || link.getAttribute("aria-current") === "true");
    links[Math.min(Math.max(here + by, 0), links.length - 1)].focus();
  }

  function showKeys() {
    const list = find("keys-here");
    list.replaceChildren();
    document.querySelectorAll("[data-key]").forEach((button) => {
      if (!isShown(button)) return;
      const row = document.createElement("div");
      const key = document.createElement("dt");
      const words = document.createElement("dd");
      key.append(Object.assign(document.createElement("kbd"), { textContent: button.dataset.key.toUpperCase() }));
      words.textContent = [...button.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join("").trim();
      row.append(key, words);
      list.append(row);
    });
    find("keys").showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && location.hash === "#side") location.hash = "main";
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    if (root.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (event.key === "/") { event.preventDefault(); document.querySelector(".find input")?.focus(); }
    else if (event.key === "?" && find("keys")) showKeys();
    else if (event.key.length === 1) {
      const named = [...document.querySelectorAll("[data-key]")].find((button) => button.dataset.key === event.key && isShown(button));
      if (named) { event.preventDefault(); named.click(); }
    }
  });

  /* Dialogs, copying, rows of a form. */
  function addLine(button) {
    const name = button.dataset.addLine;
    const rows = find(name + "-rows");
    const template = find(name + "-new");
    if (!rows || !template) return;
    const taken = [...rows.querySelectorAll("[name]")].map((field) => Number((field.name.match(/-(\d+)-/) || [0, -1])[1]));
    const html = template.innerHTML.replaceAll("__n__", String(Math.max(-1, ...taken) + 1));
    rows.insertAdjacentHTML("beforeend", html);
    rows.lastElementChild.querySelector("input, select")?.focus();
    changed(button.form);
  }

  function removeLine(button) {
    const line = button.closest("[data-line]");
    const rows = line.parentElement;
    if (rows.querySelectorAll("[data-line]").length < 2) return false;
    if (line.nextElementSibling?.matches(".msg")) line.nextElementSibling.remove();
    const form = button.form;
    line.remove();
    changed(form);
    rows.querySelector("input")?.focus();
    return true;
  }

  function changed(form) {
    form?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && find(opener.dataset.dialog);
    if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); return; }
    const copy = event.target.closest("[data-copy]");
    if (copy) { navigator.clipboard?.writeText(copy.dataset.copy).then(() => copy.classList.add("copied")); return; }
    const add = event.target.closest("[data-add-line]");
    if (add) { event.preventDefault(); addLine(add); return; }
    const remove = event.target.closest("[data-remove-line]");
    if (remove && removeLine(remove)) { event.preventDefault(); return; }
    if (event.target.closest("[data-print]")) { print(); return; }
    if (event.target.matches("dialog")) event.target.close();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  /* Where the reading pane has no room, a row of the list is a plain link. */
  document.addEventListener("click", (event) => {
    const pane = find("pane");
    if (pane && !isShown(pane) && event.target.closest("[data-row] a")) event.stopPropagation();
  }, true);

  /* A file too large for its field is not sent, not even where the server is to tell all other mistakes. */
  document.addEventListener("submit", (event) => {
    const field = [...event.target.querySelectorAll("input[type=file]")].find((each) => each.validity.customError);
    if (!field) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    field.scrollIntoView({ block: "center" });
    field.reportValidity();
  }, true);

  /* A button or form with data-confirm asks first; capture, so that nothing is sent before the answer. */
  let agreed = null;
  document.addEventListener("submit", (event) => {
    const asker = [event.submitter, event.target].find((element) => element?.dataset?.confirm);
    const dialog = find("confirm");
    if (!asker || !dialog) return;
    if (agreed === asker) { agreed = null; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    find("confirm-words").textContent = asker.dataset.confirm;
    dialog.returnValue = "no";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") { asker.focus(); return; }
      agreed = asker;
      event.target.requestSubmit(event.submitter);
    };
    dialog.showModal();
  }, true);

  /* What was typed and not sent. */
  const unsaved = new Set();
  document.addEventListener("input", (event) => { if (event.target.form?.dataset.guard !== undefined) unsaved.add(event.target.form); });
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) unsaved.delete(event.target); });
  addEventListener("beforeunload", (event) => { if ([...unsaved].some((form) => form.isConnected)) event.preventDefault(); });

  /* Files: names of what was chosen, and too large ones said before they travel. Filters send themselves. */
  const measured = (bytes) => (bytes < 1048576 ? Math.ceil(bytes / 1024) + " KB" : Math.ceil((bytes * 10) / 1048576) / 10 + " MB");

  function limitOf(field, file) {
    const limits = field.dataset.limit || "";
    const ending = (file.name.match(/\.[^.]+$/) || [""])[0].toLowerCase();
    const own = limits.split(" ").find((each) => ending && each.startsWith(ending + ":"));
    return Number(own ? own.slice(ending.length + 1) : limits) || Infinity;
  }

  function tooLarge(field) {
    const file = [...field.files].find((each) => each.size > limitOf(field, each));
    const said = { "{file}": file?.name, "{size}": file && measured(file.size), "{most}": file && measured(limitOf(field, file)) };
    return file ? field.dataset.tooLarge.replace(/\{(file|size|most)\}/g, (each) => said[each]) : "";
  }

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.type === "file") {
      const wrong = tooLarge(field);
      const output = field.parentElement.querySelector("output");
      field.setCustomValidity(wrong);
      field.setAttribute("aria-invalid", String(wrong !== ""));
      if (output) output.textContent = [...[...field.files].map((file) => file.name), wrong].filter(Boolean).join(" · ");
    }
    if (field.matches("[data-sends]")) field.form.requestSubmit();
    if (field.dataset.ticks) field.form.querySelectorAll(`.check[name="${field.dataset.ticks}"]`).forEach((each) => { each.checked = field.checked; });
    if (field.matches("[data-row] .check, .data .check")) {
      const form = field.form;
      if (form) form.classList.toggle("has-chosen", form.querySelectorAll(".check:checked").length > 0);
    }
  });
  ["dragover", "dragleave", "drop"].forEach((kind) => document.addEventListener(kind, (event) => {
    event.target.closest?.(".drop")?.classList.toggle("over", kind === "dragover");
  }));

  /* A hand scanner types one code after the other: the field is empty again as soon as one is sent. */
  document.addEventListener("htmx:config:request", (event) => {
    const form = event.target.closest?.("form[data-scans]");
    if (form) form.elements[form.dataset.scans].value = "";
  });

  /* Said things leave by themselves, unless one points at them or they are bad news. */
  function clearToasts() {
    document.querySelectorAll(".toast:not(.t-red):not(.leaving)").forEach((toast) => {
      toast.classList.add("leaving");
      setTimeout(() => { if (!toast.matches(":hover, :focus-within")) toast.remove(); }, 8000);
    });
  }
  clearToasts();
  document.addEventListener("htmx:after:swap", clearToasts);
  find("wrong")?.focus();
})();
