/* Small comforts. Every page works without this file. */

/* Our own messages beside the fields and in one list, in the language of the page, instead of the browser's balloons. */
function useOwnErrorMessages(root) {
  for (const form of root.querySelectorAll('form[method="post"]')) form.noValidate = true;
}

/* A form that was sent is not sent again by a second press; the server guards against it as well. Attributes are read as such:
   a field may be called "method". After a while it may be sent again: a download leaves the page standing. */
const RESEND_AFTER = 8000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || form.hasAttribute("data-resend")) return;
  if (form.hasAttribute("data-sent")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("data-sent", "");
  for (const button of form.querySelectorAll('button:not([type="button"])')) button.setAttribute("aria-disabled", "true");
  window.setTimeout(() => allowSending(form), RESEND_AFTER);
});

function allowSending(form) {
  form.removeAttribute("data-sent");
  for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
}

/* On a narrow screen an unused filter starts folded. */
function foldFilters(root) {
  if (!window.matchMedia("(max-width: 44rem)").matches) return;
  for (const filter of root.querySelectorAll("details[data-narrow-closed]:not([data-active])")) filter.open = false;
}

/* A table that is shown as blocks loses its meaning for screen readers; roles give it back. */
function keepTableRoles(root) {
  const roles = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", td: "cell", 'th[scope="col"]': "columnheader", 'th[scope="row"]': "rowheader" };
  for (const table of root.querySelectorAll("table.stackable")) {
    table.setAttribute("role", "table");
    for (const [selector, role] of Object.entries(roles)) {
      for (const part of table.querySelectorAll(selector)) part.setAttribute("role", role);
    }
  }
}

/* The list of errors speaks first, also after htmx has put it in the page. */
function focusErrorSummary(root) {
  root.querySelector("#error-summary")?.focus();
}

/* What has to be pasted elsewhere: one press copies it, where the browser can; else it is selected by a click. */
for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.parentElement.querySelector("[role=status]").textContent = button.dataset.copied;
  });
}

useOwnErrorMessages(document);
foldFilters(document);
keepTableRoles(document);
focusErrorSummary(document);

document.addEventListener("htmx:load", (event) => {
  useOwnErrorMessages(document);
  keepTableRoles(document);
  if (event.detail.elt !== document.body) focusErrorSummary(event.detail.elt);
});
document.addEventListener("htmx:afterRequest", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) allowSending(form);
});

/* Back to a page that the browser kept: ask for it again, it may show what is no longer so or belong to who logged out. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
