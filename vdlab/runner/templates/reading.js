// What every page does besides playing clips: search, code at a switch, copying, scrollers that keys reach, the drawer.
(() => {
  const $ = (s, of = document) => of.querySelector(s), $$ = (s, of = document) => [...of.querySelectorAll(s)];
  const field = $("#search"), list = $("#found");
  if (field) {
    let entries;
    const words = text => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
    const address = (page, place) => place.includes(".html") ? place : page + (place && `#${place}`);
    const unpacked = async () => {
      const bytes = Uint8Array.from(atob($("#entries").textContent), c => c.charCodeAt(0));
      const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
      return JSON.parse(text).flatMap(([page, chapter, found]) => found.map(([place, kind, title, further]) =>
        [address(page, place), kind, chapter, title, words(title), words([kind, chapter, title, further].join(" "))]));
    };
    field.closest(".search").hidden = !window.DecompressionStream;
    field.oninput = async () => {
      entries ||= unpacked();
      const all = await entries;
      const wanted = words(field.value).split(/\s+/).filter(Boolean);
      const rank = e => wanted.filter(w => e[4].includes(w)).length;
      const hits = wanted.length ? all.filter(e => wanted.every(w => e[5].includes(w))) : [];
      hits.sort((a, b) => rank(b) - rank(a));
      list.replaceChildren(...hits.slice(0, 14).map(([href, kind, chapter, title]) => {
        const line = document.createElement("li"), link = document.createElement("a"), note = document.createElement("small");
        link.href = href; link.textContent = title; note.textContent = `${chapter} · ${kind}`;
        line.append(link, note);
        return line;
      }));
      $("#hits").textContent = wanted.length ? `${hits.length} found` : "";
    };
  }
  const code = $$("details.code:not(.parameters)"), toggle = $("#codes");
  if (toggle && code.length) {
    toggle.hidden = false;
    const show = on => {
      document.body.classList.toggle("no-code", !on);
      code.forEach(d => { d.open = on; });
      toggle.setAttribute("aria-pressed", on);
      toggle.textContent = on ? "Hide all code" : "Show all code";
    };
    toggle.onclick = () => show(toggle.getAttribute("aria-pressed") !== "true");
    show(false);
    for (const block of $$(".highlight", document).filter(b => b.closest("details.code"))) {
      const copy = document.createElement("button");
      Object.assign(copy, { type: "button", className: "copy", textContent: "Copy" });
      copy.onclick = async () => {
        try { await navigator.clipboard.writeText($("pre", block).textContent); copy.textContent = "Copied"; }
        catch { getSelection().selectAllChildren($("pre", block)); copy.textContent = "Selected"; }
        setTimeout(() => { copy.textContent = "Copy"; }, 1500);
      };
      block.append(copy);
    }
  }
  const scrollers = () => $$(".vd-scroll, .equation, pre, .prose table").forEach(box => {
    const more = box.scrollWidth > box.clientWidth;
    box.classList.toggle("scrolls", more);
    if (more) { box.tabIndex = 0; if (box.matches("div, span")) { box.setAttribute("role", "group"); box.setAttribute("aria-label", "Scrolls sideways"); } }
    else box.removeAttribute("tabindex");
  });
  scrollers(); addEventListener("load", scrollers); addEventListener("resize", scrollers); document.addEventListener("toggle", scrollers, true);
  document.addEventListener("input", () => setTimeout(scrollers));
  addEventListener("keydown", e => { if (e.key === "Escape" && location.hash === "#side") location.hash = "#main"; });
})();
