for (const eye of document.querySelectorAll(".secret button")) {
  eye.hidden = false;
  eye.addEventListener("click", () => {
    const input = eye.parentElement.querySelector("input");
    input.type = input.type === "password" ? "text" : "password";
    eye.setAttribute("aria-pressed", String(input.type === "text"));
  });
}
const zone = document.querySelector("select[name=time_zone][data-guess]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && [...zone.options].some((option) => option.value === here)) zone.value = here;
for (const said of document.querySelectorAll("[data-says]")) {
  const select = document.querySelector(`select[name=${said.dataset.says}]`);
  const say = () => { said.textContent = select.selectedOptions[0].textContent; };
  select.addEventListener("change", say);
  say();
}
for (const form of document.forms) {
  form.addEventListener("submit", () => { form.querySelector(".primary").disabled = true; });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".primary")) button.disabled = false;
});
// The key of this tab's state: what it showed to the one before is not shown to the next.
sessionStorage.removeItem("token");
