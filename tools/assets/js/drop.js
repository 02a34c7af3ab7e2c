import { Upload } from "tus-js-client";

// <safelight-drop>: photos chosen, dropped anywhere on the page or pasted are
// sent one after another, and go on where they stopped after a lost connection.
// The form inside does the same in one request where there is no script.
class Drop extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=file]");
    this.list = this.querySelector(".uploads");
    if (!this.dataset.tus) return;
    this.setAttribute("ready", "");
    this.listening = new AbortController();
    const on = (target, type, act) => target.addEventListener(type, act, { signal: this.listening.signal });
    on(this.querySelector(".choose"), "click", () => this.input.click());
    on(this.input, "change", () => {
      this.take(this.input.files);
      this.input.value = "";
    });
    on(document, "paste", (e) => this.take(e.clipboardData?.files ?? []));
    on(document, "dragover", (e) => {
      if (!e.dataTransfer?.types.includes("Files")) return;
      e.preventDefault();
      this.setAttribute("over", "");
    });
    on(document, "dragleave", (e) => { if (!e.relatedTarget) this.removeAttribute("over"); });
    on(document, "drop", (e) => {
      if (!e.dataTransfer?.files.length) return;
      e.preventDefault();
      this.removeAttribute("over");
      this.take(e.dataTransfer.files);
    });
  }

  disconnectedCallback() {
    this.listening?.abort();
  }

  take(files) {
    const rows = Array.from(files, (file) => this.row(file));
    this.queue = rows.reduce((before, row) => before.then(() => row.send()), this.queue ?? Promise.resolve());
    this.queue.then(() => this.settle(rows));
  }

  row(file) {
    const li = document.createElement("li");
    const name = Object.assign(document.createElement("span"), { textContent: file.name });
    const note = Object.assign(document.createElement("span"), { className: "soft num" });
    li.append(name, note);
    this.list.append(li);
    const row = { li, note, file, image: "" };
    row.send = () => this.send(row);
    return row;
  }

  send(row) {
    const { file, note, li } = row;
    if (file.type && !file.type.startsWith("image/")) return this.refuse(row, this.dataset.wrongKind);
    if (file.size > Number(this.dataset.max)) return this.refuse(row, this.dataset.tooLarge);
    const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
    bar.setAttribute("aria-label", file.name);
    li.append(bar);
    return new Promise((done) => {
      const upload = new Upload(file, {
        endpoint: this.dataset.tus,
        retryDelays: [0, 1000, 3000, 8000, 20000],
        chunkSize: 8 << 20,
        metadata: { filename: file.name, filetype: file.type },
        removeFingerprintOnSuccess: true,
        onProgress: (sent, total) => {
          bar.value = (100 * sent) / total;
          note.textContent = Math.round(bar.value) + " %";
        },
        onSuccess: ({ lastResponse }) => {
          bar.remove();
          row.image = lastResponse.getHeader("Safelight-Image") ?? "";
          note.textContent = this.dataset.done;
          done();
        },
        onError: (error) => {
          bar.remove();
          const body = error.originalResponse?.getBody() ?? "";
          this.refuse(row, detail(body) || this.dataset.failed);
          this.offerAgain(row);
          done();
        },
      });
      upload.findPreviousUploads().then((earlier) => {
        if (earlier.length) upload.resumeFromPreviousUpload(earlier[0]);
        upload.start();
      });
    });
  }

  refuse(row, why) {
    row.note.textContent = why;
    row.note.className = "wrong";
    return Promise.resolve();
  }

  offerAgain(row) {
    const again = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: this.dataset.retry });
    again.addEventListener("click", () => {
      row.li.remove();
      this.take([row.file]);
    });
    row.li.append(again);
  }

  // One photo opens its own page; several stay on the bench, which is read anew.
  settle(rows) {
    const sent = rows.filter((r) => r.image);
    if (!sent.length || sent.length < rows.length) return;
    location.assign(rows.length === 1 ? "/images/" + encodeURIComponent(sent[0].image) : "/lab");
  }
}
customElements.define("safelight-drop", Drop);

// detail is the sentence of a problem+json body, or nothing.
function detail(body) {
  try {
    return JSON.parse(body).detail ?? "";
  } catch {
    return "";
  }
}
