/**
 * Meter files: dropped or chosen, handed in with their progress, looked at, loaded or thrown away.
 *
 * Tells `loaded` where something was.
 *
 * @typedef {import("../data/meter_data.js").Upload} Upload
 * @typedef {import("../domain/readings.js").Part} Part
 * @typedef {{name: string, part: number, all: number, stop: AbortController}} Sending
 */
import { css, html, nothing } from "../vendor/lit.js";
import { askFormats, askUploads, handIn, loadAllocation, loadUploads, readOtherwise, throwAway } from "../data/meter_data.js";
import { formatCount, formatPercent } from "../domain/figures.js";
import { partsOf } from "../domain/readings.js";
import { say } from "../i18n/words.js";
import "./file_look.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const MEGABYTES_MAX = 256;

export class FileDrop extends Localized {
  static properties = {
    community: {},
    zone: {},
    points: { attribute: false },
    uploads: { state: true },
    formats: { state: true },
    sending: { state: true },
    failed: { state: true },
    over: { state: true },
    working: { state: true },
    said: { state: true },
  };

  static styles = [
    sharedStyles,
    css`
      .drop {
        display: grid;
        justify-items: center;
        gap: 12px;
        padding: 32px 24px;
        border: 2px dashed var(--line-strong);
        border-radius: var(--radius);
        text-align: center;
      }

      .over {
        border-color: var(--brand);
        background: var(--verified-wash);
      }

      progress {
        width: 100%;
        height: 10px;
        accent-color: var(--brand);
      }

      .sending {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 4px 16px;
        align-items: center;
        overflow-wrap: anywhere;
      }

      .failed {
        color: var(--voided);
        overflow-wrap: anywhere;
      }

      .stack {
        margin-top: 16px;
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    this.zone = "UTC";
    /** Ids of metering points, to choose from. @type {readonly string[]} */
    this.points = [];
    /** @type {Upload[]} */
    this.uploads = [];
    /** Parts that were loaded of files that wait on, by upload. @type {Map<string, Set<Part>>} */
    this.done = new Map();
    /** @type {{name: string, title: string}[]} */
    this.formats = [];
    /** @type {Sending[]} */
    this.sending = [];
    /** @type {string[]} */
    this.failed = [];
    this.over = false;
    this.working = false;
    this.said = "";
    this.ending = new AbortController();
  }

  disconnectedCallback() {
    this.ending.abort();
    for (const { stop } of this.sending) stop.abort();
    super.disconnectedCallback();
  }

  connectedCallback() {
    super.connectedCallback();
    this.ending = new AbortController();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("community") && this.community) void this.recall();
  }

  async recall() {
    try {
      this.uploads = await askUploads(this.community, this.ending.signal);
      this.formats = await askFormats(this.community, this.ending.signal);
    } catch {
      // What waits is told again at the next file; the page says if the service does not answer.
    }
  }

  /** @param {readonly File[]} files */
  async take(files) {
    this.failed = [];
    this.said = "";
    for (const file of files) await this.send(file);
  }

  /** @param {File} file */
  async send(file) {
    const { name } = file;
    /** @type {Sending} */
    const sending = { name, part: 0, all: file.size, stop: new AbortController() };
    this.sending = [...this.sending, sending];
    try {
      const done = await handIn(this.community, file, (part, all) => {
        Object.assign(sending, { part, all });
        this.sending = [...this.sending];
      }, sending.stop.signal);
      this.uploads = [...this.uploads.filter(({ upload }) => upload !== done.upload), done];
    } catch (error) {
      const { status, message } = /** @type {any} */ (error);
      const reason = status === 0 ? say("readings.failed.offline") : message;
      if (!sending.stop.signal.aborted) this.failed = [...this.failed, say("readings.failed", { name, reason })];
    } finally {
      this.sending = this.sending.filter((one) => one !== sending);
    }
  }

  /** @param {() => Promise<void>} work */
  async attempt(work) {
    this.working = true;
    this.failed = [];
    this.said = "";
    try {
      await work();
    } catch (error) {
      this.failed = [/** @type {any} */ (error).message];
    } finally {
      this.working = false;
    }
  }

  /** @param {string[]} ids */
  load(ids) {
    return this.attempt(async () => {
      const keep = ids.filter((id) => this.partsLeft(id).includes("allocation"));
      const { load, is_new: isNew } = await loadUploads(this.community, ids, keep.length > 0);
      if (keep.length > 0) for (const id of ids.filter((one) => !keep.includes(one))) await throwAway(this.community, id);
      this.noteLoaded(ids, "readings");
      this.said = isNew ? say("readings.loaded", { count: formatCount(load.readings, this.locale) }) : say("readings.loaded.before");
      this.dispatchEvent(new CustomEvent("loaded", { detail: load }));
    });
  }

  /** @param {string} id */
  loadAllocation(id) {
    return this.attempt(async () => {
      const { load, is_new: isNew } = await loadAllocation(this.community, id, this.partsLeft(id).includes("readings"));
      this.noteLoaded([id], "allocation");
      this.said = isNew ? say("readings.allocation.loaded", { count: formatCount(load.readings, this.locale) }) : say("readings.loaded.before");
      this.dispatchEvent(new CustomEvent("loaded", { detail: load }));
    });
  }

  /** @param {string} id @returns {Part[]} */
  partsLeft(id) {
    const known = this.uploads.find(({ upload }) => upload === id);
    return known ? partsOf(known.look, this.done.get(id)) : [];
  }

  /**
   * A file with nothing left to load waits no longer.
   *
   * @param {string[]} ids
   * @param {Part} part
   */
  noteLoaded(ids, part) {
    for (const id of ids) this.done.set(id, new Set([...(this.done.get(id) ?? []), part]));
    this.uploads = this.uploads.filter(({ upload }) => !ids.includes(upload) || this.partsLeft(upload).length > 0);
  }

  /**
   * @param {string} id
   * @param {import("../domain/readings.js").HowToRead} options
   */
  readOtherwise(id, options) {
    return this.attempt(async () => {
      const again = await readOtherwise(this.community, id, options);
      this.uploads = this.uploads.map((upload) => (upload.upload === id ? again : upload));
    });
  }

  /** @param {string} id */
  discard(id) {
    return this.attempt(async () => {
      await throwAway(this.community, id);
      this.uploads = this.uploads.filter(({ upload }) => upload !== id);
    });
  }

  /** @param {DragEvent} event */
  drop(event) {
    event.preventDefault();
    this.over = false;
    void this.take([...(event.dataTransfer?.files ?? [])]);
  }

  /** @param {any} event */
  choose({ target }) {
    void this.take([...target.files]);
    target.value = ""; // so that the same file can be chosen again
  }

  render() {
    const good = this.uploads.map(({ upload }) => upload).filter((id) => this.partsLeft(id).includes("readings"));
    return html`<div
        class="drop ${this.over ? "over" : ""}"
        @dragover=${(/** @type {DragEvent} */ event) => (event.preventDefault(), (this.over = true))}
        @dragleave=${() => (this.over = false)}
        @drop=${this.drop}
      >
        <p><b>${say("readings.drop")}</b></p>
        <p class="small soft">${say("readings.drop.or", { size: MEGABYTES_MAX })}</p>
        <input id="files" type="file" multiple hidden @change=${this.choose} />
        <button type="button" class="primary" @click=${() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#files"))?.click()}>${icon("file")}${say("readings.choose")}</button>
      </div>
      <div class="stack" aria-live="polite">
        ${this.sending.map((one) => this.renderSending(one))}
        ${this.failed.map((text) => html`<p class="failed" role="alert">${text}</p>`)}
        ${this.said ? html`<p role="status">${this.said}</p>` : nothing}
      </div>
      ${this.uploads.length > 0
        ? html`<div class="stack">
            <div class="row spread">
              <h3>${say("readings.waiting")}</h3>
              ${good.length > 1 ? html`<button type="button" ?disabled=${this.working} @click=${() => this.load(good)}>${say("readings.load.all", { count: good.length })}</button>` : nothing}
            </div>
            <p class="small soft">${say("readings.waiting.note")}</p>
            ${this.uploads.map(
              (upload) => html`<partage-file-look
                .upload=${upload}
                .zone=${this.zone}
                .working=${this.working}
                .parts=${this.partsLeft(upload.upload)}
                .formats=${this.formats}
                .points=${this.points}
                @otherwise=${(/** @type {CustomEvent} */ event) => this.readOtherwise(upload.upload, event.detail)}
                @load-allocation=${() => this.loadAllocation(upload.upload)}
                @load=${() => this.load([upload.upload])}
                @throw-away=${() => this.discard(upload.upload)}
              ></partage-file-look>`,
            )}
          </div>`
        : nothing}`;
  }

  /** @param {Sending} sending */
  renderSending({ name, part, all, stop }) {
    const sent = part >= all && all > 0;
    const words = sent ? say("readings.looking", { name }) : say("readings.sending", { name, part: formatPercent(part, Math.max(1, all), this.locale) });
    return html`<div class="sending">
      <span class="small">${words}</span>
      <button type="button" class="quiet" @click=${() => stop.abort()}>${say("readings.stop")}</button>
      <progress max=${Math.max(1, all)} value=${sent ? nothing : part} aria-label=${words}></progress>
    </div>`;
  }
}

customElements.define("partage-file-drop", FileDrop);
