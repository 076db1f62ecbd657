"use strict";
const form = document.getElementById("take");
const secret = document.getElementById("secret");
const said = location.hash.slice(1);
// The address is what people copy, and what a history keeps.
if (said) history.replaceState(null, "", location.pathname);
// Another link that is put into the address loads nothing by itself, because only what stands behind the # differs. So that
// it does on the page that answers the form, the form asks for another address than links lead to.
addEventListener("hashchange", () => location.reload());
if (/^[A-Za-z0-9_-]{22}$/.test(said)) {
  document.getElementById("typed").hidden = true;
  secret.required = false;
}
form.addEventListener("submit", (event) => {
  if (document.getElementById("typed").hidden) event.preventDefault();
});
document.getElementById("open").addEventListener("click", (event) => {
  if (!document.getElementById("typed").hidden) return;
  event.preventDefault();
  // Previews and scanners run pages, and press what they find. No script can make a trusted press.
  if (!event.isTrusted) return;
  event.target.disabled = true;
  secret.value = said;
  form.submit();
});
