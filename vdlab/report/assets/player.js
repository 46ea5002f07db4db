// A divider over two pictures or clips that lie on each other: dragged, or moved by the arrow keys.
function vdDivider(host) {
  const box = host.querySelector(".vd-clips"), names = [...box.querySelectorAll("figcaption")].map(c => c.textContent.trim());
  const knob = document.createElement("div");
  knob.className = "vd-divider"; knob.tabIndex = 0; knob.setAttribute("role", "slider");
  knob.setAttribute("aria-label", `Divider between ${names.join(" and ")}`);
  knob.setAttribute("aria-valuemin", 0); knob.setAttribute("aria-valuemax", 100);
  knob.dataset.lmSuppressShortcuts = "true";
  let at = 50;
  const move = to => {
    at = Math.max(0, Math.min(100, to));
    box.style.setProperty("--at", at + "%");
    knob.setAttribute("aria-valuenow", Math.round(at));
    knob.setAttribute("aria-valuetext", `${Math.round(at)} % ${names[0]}, ${Math.round(100 - at)} % ${names[1]}`);
  };
  knob.onkeydown = e => {
    const to = { ArrowRight: at + 2, ArrowUp: at + 2, ArrowLeft: at - 2, ArrowDown: at - 2, PageUp: at + 10, PageDown: at - 10, Home: 0, End: 100 }[e.key];
    if (to !== undefined) { move(to); e.preventDefault(); e.stopPropagation(); }
  };
  box.append(knob);
  const picture = box.querySelector("img, video"), follow = e => {
    const place = picture.getBoundingClientRect();
    move(100 * (e.clientX - place.left) / place.width);
  };
  box.onpointerdown = e => {
    if (e.target.closest("figcaption")) return;
    box.setPointerCapture(e.pointerId); box.onpointermove = follow; follow(e); knob.focus({ preventScroll: true }); e.preventDefault();
  };
  box.onpointerup = box.onpointercancel = () => { box.onpointermove = null; };
  move(50);
}
if (!customElements.get("vd-wipe")) customElements.define("vd-wipe", class extends HTMLElement {
  connectedCallback() { setTimeout(() => { if (!this.built) { this.built = true; vdDivider(this); } }); }
});
// <vd-player>: several clips in step under one scrubber. Space plays and pauses, the arrow keys step by one frame.
if (!customElements.get("vd-player")) customElements.define("vd-player", class extends HTMLElement {
  connectedCallback() { setTimeout(() => this.build()); }        // children of a streamed page arrive after the tag
  build() {
    if (this.bar) return;
    this.clips = [...this.querySelectorAll("video")];
    if (!this.clips.length) return;
    this.fps = +this.getAttribute("fps");
    this.frames = +this.getAttribute("frames");
    const marks = (this.getAttribute("marks") || "").split(" ").filter(Boolean).map(Number);
    this.bar = document.createElement("div");
    this.bar.className = "vd-bar";
    this.bar.innerHTML = '<button type="button"></button><span class="vd-track">' +
      `<input type="range" min="0" max="${this.frames - 1}" value="0" step="1" aria-label="Frame">` +
      marks.map(m => `<i style="left:${100 * m / Math.max(1, this.frames - 1)}%"></i>`).join("") +
      '</span><output aria-live="off"></output>';
    this.append(this.bar);
    [this.button, this.range, this.label] = ["button", "input", "output"].map(s => this.bar.querySelector(s));
    this.button.onclick = () => this.playing ? this.pause() : this.play();
    this.range.oninput = () => { this.pause(); this.seek(+this.range.value); };
    this.tabIndex = -1;                                          // a click on it is enough for the keys; its parts are the stops
    this.dataset.lmSuppressShortcuts = "true";                   // JupyterLab would take the keys for itself
    this.onkeydown = e => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (step) { this.pause(); this.seek(this.frame + step); e.preventDefault(); }
      if (e.key === " ") { this.button.onclick(); e.preventDefault(); }
    };
    if (this.hasAttribute("wipe") && this.clips.length === 2) vdDivider(this);
    else this.clips.forEach(c => c.onclick = this.button.onclick);
    this.frame = 0;
    if (this.hasAttribute("first")) this.seek(+this.getAttribute("first"));
    // Only what is seen plays: a page of many clips stays light, and a reader who asked for calm gets it.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.clips.forEach(c => { if (calm) { c.autoplay = false; c.pause(); } });
    this.wanted = !calm;
    new IntersectionObserver(([e]) => e.isIntersecting && this.wanted ? this.play(true) : this.halt()).observe(this);
    this.show();
  }
  play(again) { if (!again) this.wanted = true; this.playing = true; this.clips.forEach(c => c.play().catch(() => {})); this.tick(); this.show(); }
  halt() { this.playing = false; this.clips.forEach(c => c.pause()); this.show(); }
  pause() { this.wanted = false; this.halt(); }
  tick() {
    if (!this.playing) return;
    const lead = this.clips.reduce((a, b) => (b.duration || 0) > (a.duration || 0) ? b : a);
    for (const c of this.clips)
      if (c !== lead && !c.seeking && Math.abs(c.currentTime - lead.currentTime % (c.duration || 1)) > 1.5 / this.fps && c.readyState > 2)
        c.currentTime = lead.currentTime % (c.duration || 1);
    this.frame = Math.min(this.frames - 1, Math.floor(lead.currentTime * this.fps + 1e-3));
    this.show();
    requestAnimationFrame(() => this.tick());
  }
  seek(frame) {
    this.frame = (frame + this.frames) % this.frames;
    for (const c of this.clips) c.currentTime = Math.min((this.frame + 0.5) / this.fps, (c.duration || 1e9) - 0.5 / this.fps);
    this.show();
  }
  show() {
    if (this.frame === undefined) return;
    this.button.textContent = this.playing ? "❚❚" : "►";
    this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.range.value = this.frame;
    this.range.setAttribute("aria-valuetext", `frame ${this.frame} of ${this.frames - 1}`);
    this.label.textContent = `${this.frame} / ${this.frames - 1}`;
  }
});
// <vd-turn>: the pictures of a knob's settings, drawn beforehand, behind sliders. Without script all of them stand there.
if (!customElements.get("vd-turn")) customElements.define("vd-turn", class extends HTMLElement {
  connectedCallback() { setTimeout(() => this.build()); }
  build() {
    if (this.sliders) return;
    const knobs = JSON.parse(this.getAttribute("knobs")), bar = document.createElement("div");
    bar.className = "vd-knobs-bar";
    this.settings = [...this.querySelectorAll(".vd-setting")];
    this.sliders = knobs.map(({ label, values, start }) => {
      const line = document.createElement("label"), name = document.createElement("span"), range = document.createElement("input"), said = document.createElement("output");
      Object.assign(range, { type: "range", min: 0, max: values.length - 1, step: 1 });
      range.setAttribute("value", start); range.value = start;
      range.setAttribute("aria-label", label);
      name.textContent = label;
      line.append(name, range, said);
      if (values.length > 1) bar.append(line);
      range.tell = () => { said.textContent = values[range.value]; range.setAttribute("aria-valuetext", values[range.value]); };
      range.oninput = () => this.show();
      return range;
    });
    this.prepend(bar);
    this.show();
  }
  show() {
    const at = this.sliders.map(s => s.value).join(" ");
    this.sliders.forEach(s => s.tell());
    this.settings.forEach(s => { s.hidden = s.dataset.at !== at; });
  }
});
// <vd-knobs>: tells a screen reader the name and the value of each slider beside it, which ipywidgets leaves out.
if (!customElements.get("vd-knobs")) customElements.define("vd-knobs", class extends HTMLElement {
  connectedCallback() {
    setTimeout(() => this.closest(".vd-live")?.querySelectorAll(".widget-hslider").forEach(box => {
      const handle = box.querySelector("[role=slider]");
      handle.setAttribute("aria-label", box.querySelector("label").textContent);
      handle.setAttribute("aria-valuetext", box.querySelector(".widget-readout").textContent);
    }));
  }
});
