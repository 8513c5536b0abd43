/** Verify: a bill that somebody gave you, checked here against the chain; works without a log-in. */
import { css, html, nothing } from "../vendor/lit.js";
import { parseBundleText } from "../domain/bundle_fields.js";
import { formatDay, formatEnergy, formatMoney } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { icon } from "../components/icons.js";
import { Localized } from "../components/localized.js";
import "../components/proof_seal.js";
import { sharedStyles } from "../components/shared_styles.js";

const MOST_BYTES = 64 * 2 ** 20;
const DAY_MILLISECONDS = 86_400_000;
const STEPS = /** @type {const} */ (["verify.step.1", "verify.step.2", "verify.step.3", "verify.step.4", "verify.step.5"]);

export class Verify extends Localized {
  static properties = {
    bundle: { state: true },
    fault: { state: true },
    over: { state: true },
    proof: { state: true },
  };

  static styles = [
    sharedStyles,
    css`
      .page {
        display: grid;
        gap: 24px;
        max-width: 720px;
        grid-template-columns: minmax(0, 1fr);
      }

      .drop {
        display: grid;
        gap: 12px;
        justify-items: center;
        padding: 32px 24px;
        border: 2px dashed var(--line-strong);
        border-radius: var(--radius);
        background: var(--surface);
        text-align: center;
      }

      .drop.over {
        border-color: var(--brand);
        background: var(--verified-wash);
      }

      .drop svg {
        color: var(--brand);
      }

      label.button {
        margin: 0;
      }

      input:focus-visible + label {
        outline: 3px solid var(--focus);
        outline-offset: 2px;
      }

      textarea {
        min-height: 96px;
        font: 13px/20px var(--mono);
        resize: vertical;
      }

      .paste {
        width: 100%;
        text-align: left;
      }

      .paste[open] {
        display: grid;
        gap: 12px;
      }

      .paste button {
        margin-top: 12px;
      }

      .paste summary {
        text-align: center;
        padding: 8px;
        text-decoration: underline;
        text-underline-offset: 3px;
      }

      .fault {
        color: var(--voided);
      }

      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 8px 24px;
        margin-top: 12px;
      }

      dd {
        overflow-wrap: anywhere;
      }

      ol {
        display: grid;
        gap: 12px;
        margin: 16px 0;
        counter-reset: step;
      }

      ol li {
        display: grid;
        grid-template-columns: 28px minmax(0, 1fr);
        gap: 12px;
        counter-increment: step;
      }

      ol li::before {
        content: counter(step);
        width: 28px;
        height: 28px;
        border: 1px solid var(--line-strong);
        border-radius: 50%;
        text-align: center;
        line-height: 26px;
        font-weight: 600;
        color: var(--ink-soft);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {any} */
    this.bundle = null;
    this.fault = "";
    this.over = false;
    /** @type {import("../data/proof_worker.js").Proof | null} */
    this.proof = null;
    this.text = "";
    this.giveBundle = () => Promise.resolve(this.text);
  }

  /** @param {Event} event */
  choose(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    input.value = ""; // else the same file, changed meanwhile, would not be read again
    void this.takeFile(file);
  }

  /** @param {File | null | undefined} file */
  async takeFile(file) {
    this.over = false;
    if (!file) return;
    if (file.size > MOST_BYTES) {
      const [size, most] = [Math.ceil(file.size / 2 ** 20), MOST_BYTES / 2 ** 20];
      this.fault = say("verify.too_large", { size, most });
      return;
    }
    await this.take(await file.text());
  }

  /** @param {string} text */
  async take(text) {
    this.proof = null;
    this.bundle = null;
    this.fault = "";
    try {
      this.bundle = parseBundleText(text);
      this.text = text;
    } catch (error) {
      this.fault = say("verify.not_json", { reason: error instanceof Error ? error.message : "" });
      return;
    }
    await this.updateComplete;
    await /** @type {import("../components/proof_seal.js").ProofSeal | null} */ (
      this.renderRoot.querySelector("partage-proof-seal")
    )?.verify();
  }

  render() {
    return html`<div class="page">
      <div class="stack">
        <h1>${say("verify.title")}</h1>
        <p class="soft">${say("verify.lead")}</p>
      </div>
      ${this.renderDrop()}
      ${this.bundle
        ? html`<partage-proof-seal
            .fetchBundle=${this.giveBundle}
            @verified=${(/** @type {CustomEvent} */ event) => (this.proof = event.detail)}
          ></partage-proof-seal>`
        : nothing}
      ${this.proof ? this.renderBill() : nothing}
      <section class="card">
        <h2>${say("verify.how")}</h2>
        <ol>${STEPS.map((step) => html`<li><span>${say(step)}</span></li>`)}</ol>
        <p class="soft">${say("verify.how.who")}</p>
      </section>
    </div>`;
  }

  renderDrop() {
    /** @param {DragEvent} event */
    const drag = (event) => {
      event.preventDefault();
      this.over = event.type === "dragover";
    };
    /** @param {DragEvent} event */
    const drop = (event) => {
      event.preventDefault();
      void this.takeFile(event.dataTransfer?.files[0]);
    };
    /** @param {SubmitEvent} event */
    const paste = (event) => {
      event.preventDefault();
      void this.take(String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("text") ?? ""));
    };
    return html`<div class="drop ${this.over ? "over" : ""}" @dragover=${drag} @dragleave=${drag} @drop=${drop}>
      ${icon("verify", 40)}
      <h2>${say("verify.drop")}</h2>
      <p class="small soft">${say("verify.drop.text")}</p>
      <input id="file" class="hidden" type="file" accept="application/json,.json" @change=${this.choose} />
      <label class="button" for="file">${say("verify.choose")}</label>
      <details class="paste">
        <summary>${say("verify.paste")}</summary>
        <form @submit=${paste}>
          <label class="hidden" for="text">${say("verify.paste")}</label>
          <textarea id="text" name="text" spellcheck="false" required></textarea>
          <button>${say("verify.check")}</button>
        </form>
      </details>
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : nothing}
    </div>`;
  }

  /** The bill that the proof carries; shown once it could be read. */
  renderBill() {
    const { bill, points, period, days } = this.bundle;
    const date = formatDay(new Date(period * DAY_MILLISECONDS).toISOString().slice(0, 10), this.locale);
    return html`<section class="card">
      <h2>${say("verify.bill")}</h2>
      <p class="soft">${say("verify.period", { days: days.length, date })}</p>
      <dl>
        <dt class="soft">${say("verify.debit")}</dt>
        <dd>${formatMoney(bill.debit, this.locale)}</dd>
        <dt class="soft">${say("verify.credit")}</dt>
        <dd>${formatMoney(bill.credit, this.locale)}</dd>
        <dt class="soft">${say("verify.points")}</dt>
        <dd>
          ${points.map((/** @type {any} */ point) => {
            const sum = point.energy.flat().reduce((/** @type {number} */ total, /** @type {number} */ energy) => total + energy, 0);
            return html`<p>${point.number} · ${formatEnergy(sum, this.locale, 3)}</p>`;
          })}
        </dd>
      </dl>
    </section>`;
  }
}

customElements.define("partage-verify", Verify);
