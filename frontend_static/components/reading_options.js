/**
 * What a meter file does not say of itself: format, time zone, step, metering point, direction, columns. Tells `otherwise` with what was
 * said; what the file was found to lack comes first.
 *
 * @typedef {import("../data/meter_data.js").Upload} Upload
 */
import { css, html, nothing } from "../vendor/lit.js";
import { HOW_TO_READ, howToRead } from "../domain/readings.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const STEPS = [1, 5, 10, 15, 20, 30, 60]; // min
const DIRECTIONS = /** @type {const} */ (["consumption", "feed-in"]);
const MAPPING_MAX = 64_000; // characters, as the service takes them

export class ReadingOptions extends Localized {
  static properties = { upload: { attribute: false }, formats: { attribute: false }, points: { attribute: false }, zone: {}, working: { type: Boolean }, fault: { state: true } };

  static styles = [
    sharedStyles,
    css`
      form {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr));
        gap: 12px 16px;
        padding: 12px 0;
      }

      .whole {
        grid-column: 1 / -1;
      }

      textarea {
        width: 100%;
        font: 14px/20px var(--mono, monospace);
      }

      .asked label::after {
        content: " *";
        color: var(--voided);
      }

      .fault {
        color: var(--voided);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Upload | null} */
    this.upload = null;
    /** @type {readonly {name: string, title: string}[]} */
    this.formats = [];
    /** Ids that are known. @type {readonly string[]} */
    this.points = [];
    /** Of stamps without offset, where nobody says another. */
    this.zone = "UTC";
    this.working = false;
    this.fault = "";
  }

  /** @param {SubmitEvent} event */
  send(event) {
    event.preventDefault();
    const said = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const options = howToRead(Object.fromEntries(HOW_TO_READ.map((name) => [name, String(said.get(name) ?? "")])));
    const lacking = (this.upload?.look.asks ?? []).filter((name) => !options[/** @type {keyof typeof options} */ (name)]);
    this.fault = lacking.length > 0 ? say("readings.otherwise.lacking", { names: lacking.map((name) => say(`readings.otherwise.${name}`)).join(", ") }) : "";
    if (!this.fault) this.dispatchEvent(new CustomEvent("otherwise", { detail: options }));
  }

  /** @param {any} event A file with the columns, put into the field. */
  async takeMapping({ target }) {
    const [file] = target.files;
    /** @type {HTMLTextAreaElement | null} */
    const field = this.renderRoot.querySelector("#mapping");
    if (file && field) field.value = (await file.slice(0, MAPPING_MAX + 1).text()).slice(0, MAPPING_MAX);
    target.value = "";
  }

  render() {
    const { upload } = this;
    if (!upload) return nothing;
    const { asks } = upload.look;
    const ordered = [...HOW_TO_READ].sort((one, other) => Number(asks.includes(other)) - Number(asks.includes(one)));
    return html`<form novalidate @submit=${this.send}>
      ${asks.length > 0 ? html`<p class="small whole">${say("readings.otherwise.asks")}</p>` : nothing}
      ${ordered.map(
        (name) => html`<div class="${asks.includes(name) ? "asked" : ""} ${name === "mapping" ? "whole" : ""}">
          <label for=${name}>${say(`readings.otherwise.${name}`)}</label>
          ${this.renderField(name, upload)}
        </div>`,
      )}
      ${this.fault ? html`<p class="fault whole" role="alert">${this.fault}</p>` : nothing}
      <div class="whole"><button ?disabled=${this.working}>${say("readings.otherwise.send")}<span class="hidden"> ${upload.name}</span></button></div>
    </form>`;
  }

  /**
   * @param {typeof HOW_TO_READ[number]} name
   * @param {Upload} upload
   */
  renderField(name, { options }) {
    const value = String(options[name] ?? "");
    const choose = (/** @type {readonly (readonly [string, string])[]} */ choices) =>
      html`<select id=${name} name=${name}>
        ${choices.map(([one, words]) => html`<option value=${one} ?selected=${one === value}>${words}</option>`)}
      </select>`;
    const unsaid = /** @type {const} */ (["", say("readings.otherwise.unsaid")]);
    switch (name) {
      case "format":
        return choose([["auto", say("readings.otherwise.auto")], ...this.formats.map((one) => /** @type {const} */ ([one.name, one.title]))]);
      case "resolution":
        return choose([unsaid, ...STEPS.map((step) => /** @type {const} */ ([String(step), say("span.minutes", { count: step })]))]);
      case "direction":
        return choose([unsaid, ...DIRECTIONS.map((one) => /** @type {const} */ ([one, say(`readings.otherwise.direction.${one}`)]))]);
      case "metering_point":
        return html`<input id=${name} name=${name} list="points" autocomplete="off" spellcheck="false" maxlength="80" .value=${value} /><datalist id="points">
            ${this.points.map((point) => html`<option value=${point}></option>`)}
          </datalist>`;
      case "time_zone":
        return html`<input id=${name} name=${name} autocomplete="off" spellcheck="false" maxlength="80" placeholder=${this.zone} .value=${value} />`;
      default:
        return html`<textarea id=${name} name=${name} rows="4" maxlength=${MAPPING_MAX} spellcheck="false" aria-describedby="hint" .value=${value}></textarea>
          <p id="hint" class="small soft">${say("readings.otherwise.mapping.hint")}</p>
          <label class="small" for="mapping-file">${say("readings.otherwise.mapping.file")}</label>
          <input id="mapping-file" type="file" accept=".toml,.json" @change=${this.takeMapping} />`;
    }
  }
}

customElements.define("partage-reading-options", ReadingOptions);
