{ // a block, so that no name of another script is taken
  const form = document.getElementById("claim-filter"), shown = document.getElementById("claims-shown");
  const claims = [...document.querySelectorAll("[data-verdict]")];
  const show = () => {
    for (const claim of claims) {
      claim.hidden = ![...form.querySelectorAll("fieldset")].every(group => {
        const ticked = [...group.querySelectorAll(":checked")].map(box => box.value);
        return !ticked.length || claim.dataset[group.name].split(" / ").some(value => ticked.includes(value));
      });
    }
    const count = claims.filter(claim => !claim.hidden).length;
    shown.textContent = count === claims.length ? `All ${count} claims.` : `${count} of ${claims.length} claims.`;
  };
  const follow = () => {
    const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("[data-verdict]");
    if (wanted?.hidden) { form.reset(); show(); }
    wanted?.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  addEventListener("hashchange", follow);
  show();
  follow();
}
