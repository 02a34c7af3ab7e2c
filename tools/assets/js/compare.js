// <safelight-compare>: a picture after, laid over the same picture before, with
// a movable edge between them. A range input underneath holds the position, so
// that the keyboard and a screen reader have a real control. Zoomed in, the
// picture is dragged instead, and both sides move together.
class Compare extends HTMLElement {
  connectedCallback() {
    if (this.range) return;
    this.range = Object.assign(document.createElement("input"), {
      type: "range", className: "range", min: 0, max: 100, step: 1, value: 50,
    });
    this.range.setAttribute("aria-label", this.dataset.label);
    this.handle = Object.assign(document.createElement("span"), { className: "edge" });
    this.append(this.range, this.handle);
    this.split = 50;
    this.zoom = 1;
    this.x = this.y = 0;
    this.style.setProperty("--ratio", Number(this.dataset.width) / Number(this.dataset.height));
    this.setAttribute("ready", "");
    this.range.addEventListener("input", () => this.moveTo(Number(this.range.value)));
    this.addEventListener("pointerdown", (e) => this.press(e));
    this.addEventListener("keydown", (e) => this.key(e));
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this);
  }

  disconnectedCallback() {
    this.sizes?.disconnect();
  }

  moveTo(percent) {
    this.split = Math.min(100, Math.max(0, percent));
    this.range.value = this.split;
    this.style.setProperty("--split", this.split + "%");
  }

  press(e) {
    if (e.button !== 0) return;
    const box = this.getBoundingClientRect();
    const edge = box.left + (box.width * this.split) / 100;
    const pans = this.zoom > 1 && Math.abs(e.clientX - edge) > 24;
    const from = { x: e.clientX - this.x, y: e.clientY - this.y };
    const move = (m) => {
      if (pans) {
        this.x = m.clientX - from.x;
        this.y = m.clientY - from.y;
        this.place();
      } else {
        this.moveTo(((m.clientX - box.left) / box.width) * 100);
      }
    };
    const stop = () => {
      this.removeEventListener("pointermove", move);
      this.removeAttribute("moving");
    };
    try { this.setPointerCapture(e.pointerId); } catch { /* a pointer that is gone already */ }
    this.setAttribute("moving", "");
    this.addEventListener("pointermove", move);
    this.addEventListener("pointerup", stop, { once: true });
    this.addEventListener("pointercancel", stop, { once: true });
    if (!pans) move(e);
    e.preventDefault();
    this.range.focus({ preventScroll: true });
  }

  // Arrows move the edge (the range does that); with Shift they move a zoomed picture.
  key(e) {
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[e.key];
    if (!step || !e.shiftKey || this.zoom === 1) return;
    e.preventDefault();
    this.x += step[0];
    this.y += step[1];
    this.place();
  }

  // magnify shows n device pixels for each pixel of the picture after, or the
  // whole picture for "fit". The middle of the view stays where it is.
  magnify(n) {
    const width = this.clientWidth, height = this.clientHeight;
    const fit = n === "fit";
    this.level = n;
    this.width = width;
    const zoom = fit ? 1 : (Number(n) * Number(this.dataset.width)) / (width * devicePixelRatio);
    const k = zoom / this.zoom;
    this.x = width / 2 - (width / 2 - this.x) * k;
    this.y = height / 2 - (height / 2 - this.y) * k;
    this.zoom = zoom;
    this.toggleAttribute("zoomed", !fit);
    this.toggleAttribute("pixels", !fit && Number(n) >= 4);
    this.place();
  }

  // resize keeps the magnification and the middle of the view when the window
  // becomes another.
  resize() {
    if (this.zoom === 1 || !this.width || this.clientWidth === this.width) return this.place();
    const grown = this.clientWidth / this.width;
    this.x *= grown;
    this.y *= grown;
    this.magnify(this.level);
  }

  place() {
    const within = (v, size) => (this.zoom <= 1 ? (size - size * this.zoom) / 2 : Math.min(0, Math.max(size - size * this.zoom, v)));
    this.x = within(this.x, this.clientWidth);
    this.y = within(this.y, this.clientHeight);
    this.style.setProperty("--x", this.x + "px");
    this.style.setProperty("--y", this.y + "px");
    this.style.setProperty("--zoom", this.zoom);
  }
}
customElements.define("safelight-compare", Compare);

// <safelight-zoom for="ID">: buttons with the magnification as their value.
class Zoom extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", (e) => {
      const button = e.target.closest("button");
      if (!button) return;
      document.getElementById(this.getAttribute("for"))?.magnify(button.value);
      for (const b of this.querySelectorAll("button")) b.setAttribute("aria-pressed", String(b === button));
    });
  }
}
customElements.define("safelight-zoom", Zoom);
