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
    this.bar.innerHTML = '<button type="button" aria-label="Play or pause"></button><span class="vd-track">' +
      `<input type="range" min="0" max="${this.frames - 1}" value="0" step="1" aria-label="Frame">` +
      marks.map(m => `<i style="left:${100 * m / Math.max(1, this.frames - 1)}%"></i>`).join("") +
      '</span><output></output>';
    this.append(this.bar);
    [this.button, this.range, this.label] = ["button", "input", "output"].map(s => this.bar.querySelector(s));
    this.button.onclick = () => this.playing ? this.pause() : this.play();
    this.range.oninput = () => { this.pause(); this.seek(+this.range.value); };
    this.clips.forEach(c => c.onclick = this.button.onclick);
    this.tabIndex = 0;
    this.dataset.lmSuppressShortcuts = "true";                   // JupyterLab would take the keys for itself
    this.onkeydown = e => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (step) { this.pause(); this.seek(this.frame + step); e.preventDefault(); }
      if (e.key === " ") { this.button.onclick(); e.preventDefault(); }
    };
    if (this.hasAttribute("wipe") && this.clips.length === 2) this.wipe();
    this.frame = 0;
    // Only what is seen plays: a page of many clips stays light, and a reader who asked for calm gets it.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.clips.forEach(c => { if (calm) { c.autoplay = false; c.pause(); } });
    this.wanted = !calm;
    new IntersectionObserver(([e]) => e.isIntersecting && this.wanted ? this.play(true) : this.halt()).observe(this);
    this.show();
  }
  wipe() {
    const box = this.querySelector(".vd-clips"), knob = document.createElement("input");
    knob.type = "range"; knob.value = 50; knob.className = "vd-wipe"; knob.setAttribute("aria-label", "Divider between the two clips");
    knob.oninput = () => box.style.setProperty("--at", knob.value + "%");
    box.append(knob); knob.oninput();
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
    this.range.value = this.frame;
    this.label.textContent = `${this.frame} / ${this.frames - 1}`;
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
