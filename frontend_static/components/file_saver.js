/**
 * Buttons that fetch a file in one form or another and save it: says how far it is, can be stopped, and says what went wrong.
 *
 * @typedef {{name: string, type: string, words: "file.csv" | "file.parquet" | "file.zip" | "case.evidence.save" | "case.dossier.json" | "case.dossier.pdf"}} FileForm
 */
import { css, html, nothing } from "../vendor/lit.js";
import { fetchFile, saveFile } from "../data/download.js";
import { formatCount } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const MEGABYTE = 1_000_000;

export class FileSaver extends Localized {
  static properties = { path: {}, forms: { attribute: false }, working: { state: true }, told: { state: true }, fault: { state: true } };

  static styles = [
    sharedStyles,
    css`
      progress {
        width: 160px;
        height: 8px;
        accent-color: var(--brand);
      }

      .fault {
        margin-top: 8px;
      }

      .fault {
        color: var(--voided);
      }
    `,
  ];

  constructor() {
    super();
    /** Path below the API's base. */
    this.path = "";
    /** @type {FileForm[]} */
    this.forms = [];
    /** @type {{name: string, bytes: number} | null} */
    this.working = null;
    /** @type {{words: "file.saved" | "file.stopped", name: string} | null} */
    this.told = null;
    /** @type {any} */
    this.fault = null;
    /** @type {AbortController | null} */
    this.fetching = null;
  }

  disconnectedCallback() {
    this.fetching?.abort();
    super.disconnectedCallback();
  }

  /** @param {FileForm} form */
  async save({ name, type }) {
    const fetching = new AbortController();
    this.fetching = fetching;
    const { signal } = fetching;
    this.told = this.fault = null;
    this.working = { name, bytes: 0 };
    try {
      const onProgress = (/** @type {number} */ bytes) => (this.working = { name, bytes });
      const blob = await fetchFile(this.path, type, { signal, onProgress });
      saveFile(blob, name);
      this.told = { words: "file.saved", name };
    } catch (error) {
      if (signal.aborted) this.told = { words: "file.stopped", name };
      else this.fault = error;
    } finally {
      this.working = null;
    }
  }

  render() {
    return html`<div class="row" role="group" aria-label=${say("file.title")}>
        ${this.forms.map(
          (form) => html`<button type="button" data-name=${form.name} ?disabled=${this.working !== null} @click=${() => this.save(form)}>
            ${icon("file")}${say(form.words)}
          </button>`,
        )}
        ${this.working ? html`<button type="button" class="quiet" @click=${() => this.fetching?.abort()}>${say("file.stop")}</button>` : nothing}
      </div>
      <div class="small soft" role="status">${this.renderState()}</div>
      ${this.fault ? html`<p class="fault small" role="alert">${this.explain()}</p>` : nothing}`;
  }

  renderState() {
    if (this.working) {
      const { name, bytes } = this.working;
      const size = say("file.size", { size: formatCount(Math.ceil(bytes / MEGABYTE), this.locale) });
      return html`<progress aria-label=${say("loading")}></progress> ${say("file.working", { name, size })}`;
    }
    return this.told ? say(this.told.words, { name: this.told.name }) : nothing;
  }

  explain() {
    const status = this.fault?.status ?? -1;
    const known = /** @type {Readonly<Record<number, string>>} */ ({
      ...{ 0: "error.offline", 401: "sign_in.ended", 403: "error.forbidden", 404: "error.not_found", 503: "error.busy" },
    });
    return say(known[status] ?? "error.other", { status });
  }
}

customElements.define("partage-file-saver", FileSaver);
