// <safelight-live src="/live">: parts of the page move by themselves. The
// server sends "fragment" events with HTML whose elements carry the id of what
// they replace; an id that the page does not have is left alone. When the
// stream cannot be had, the page itself is read again every few seconds and its
// live parts taken from there.
const liveParts = "#balance, #lamp, [id^='job-'], [id^='item-'], [id^='order-']";

class Live extends HTMLElement {
  connectedCallback() {
    this.said = Object.assign(document.createElement("p"), { className: "unseen" });
    this.said.setAttribute("role", "status");
    this.append(this.said);
    this.open();
  }

  disconnectedCallback() {
    this.source?.close();
    clearTimeout(this.timer);
  }

  open() {
    if (!("EventSource" in window)) return this.poll();
    this.source = new EventSource(this.getAttribute("src"));
    this.source.addEventListener("fragment", (e) => this.swap(e.data));
    this.source.addEventListener("open", () => {
      if (this.lost) this.read(); // what was missed meanwhile
      this.lost = false;
      clearTimeout(this.timer);
    });
    this.source.addEventListener("error", () => {
      this.lost = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.poll(), 2000);
    });
  }

  async poll() {
    await this.read();
    if (this.source?.readyState === EventSource.OPEN) return;
    if (this.source?.readyState === EventSource.CLOSED) this.open();
    this.timer = setTimeout(() => this.poll(), 5000);
  }

  async read() {
    try {
      const answer = await fetch(location.href, { headers: { "Safelight-Live": "poll" } });
      if (answer.ok && !answer.redirected) this.swap(await answer.text(), liveParts);
    } catch {
      // offline; the next try comes by itself
    }
  }

  swap(html, only = "[id]") {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    for (const fresh of parsed.querySelectorAll(only)) {
      if (fresh.parentElement.closest(only)) continue; // comes with its parent
      const old = document.getElementById(fresh.id);
      if (!old || old.isEqualNode(fresh) || old.querySelector("[moving]")) continue;
      if (this.settled(old, fresh)) continue;
      this.say(old, fresh);
      this.replace(old, fresh);
    }
  }

  // A comparison that somebody is looking at is not swapped for the same one.
  settled(old, fresh) {
    const now = old.querySelector("safelight-compare"), then = fresh.querySelector("safelight-compare");
    return now && then && now.id === then.id;
  }

  replace(old, fresh) {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const bar = old.querySelector("progress"), next = fresh.querySelector("progress");
    old.replaceWith(document.adoptNode(fresh));
    if (bar && next) {
      const value = next.value;
      next.value = bar.value; // so that it grows from where it stood
      requestAnimationFrame(() => { next.value = value; });
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  say(old, fresh) {
    const text = fresh.dataset.announce;
    if (text && text !== old.dataset.announce) this.said.textContent = text;
  }
}
customElements.define("safelight-live", Live);
