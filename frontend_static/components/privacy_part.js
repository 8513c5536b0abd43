/** One's data as a file, and the wish to be forgotten: what goes when, and what is kept until when and why. */
import { css, html, nothing } from "../vendor/lit.js";
import { askErasure, askToErase } from "../data/account.js";
import { formatInstant } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { AccountPart, partStyles } from "./account_part.js";
import "./file_saver.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";

/** What the service says of a country that it has no article of. */
const LONGEST = "the longest duty of the countries known here";
/** @type {import("./file_saver.js").FileForm[]} */
const FORMS = [{ name: "partage-my-data.zip", type: "application/zip", words: "file.zip" }];

export class PrivacyPart extends AccountPart {
  static properties = { erasure: { state: true }, sure: { state: true } };

  static styles = [
    sharedStyles,
    partStyles,
    css`
      .danger {
        border-color: var(--voided);
        color: var(--voided);
      }

      .check {
        display: flex;
        gap: 12px;
        align-items: start;
        font-weight: 400;
      }

      .check input {
        flex: none;
        width: 24px;
        min-height: 24px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../data/account.js").Erasure | null} */
    this.erasure = null;
    this.sure = false;
  }

  get heading() {
    return "privacy.title";
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    this.erasure = await askErasure(signal);
  }

  /** @param {SubmitEvent} event */
  erase(event) {
    event.preventDefault();
    return this.attempt(async () => {
      await askToErase();
      return "privacy.erasure.asked";
    });
  }

  /** @param {string} source An article, and of which year it is told. */
  renderSource(source) {
    return source === LONGEST ? say("privacy.source.longest") : say("privacy.source", { source: source.replace("as of", say("privacy.source.as_of")) });
  }

  renderPart() {
    const { erasure } = this;
    return html`<div class="stack">
        <h3>${say("privacy.export")}</h3>
        <p class="soft">${say("privacy.export.text")}</p>
        <partage-file-saver .path=${"/me/export"} .forms=${FORMS}></partage-file-saver>
      </div>
      <div class="stack">
        <h3>${say("privacy.erasure")}</h3>
        <p class="soft">${say("privacy.erasure.text")}</p>
        <ul class="items">
          ${(erasure?.parts ?? []).map(
            ({ what, due_at: due, waits_for: waits, source }) => html`<li>
              <div>
                <b>${say(`privacy.part.${what}`)}</b>
                <p class="small soft">
                  ${due ? say("privacy.due", { when: formatInstant(due, this.zone, this.locale) }) : nothing} ${waits ? say(`privacy.waits.${waits}`) : nothing}
                  ${source && what === "documents" ? this.renderSource(source) : nothing}
                </p>
              </div>
            </li>`,
          )}
        </ul>
        ${erasure?.asked_at
          ? html`<p>${say("privacy.erasure.since", { when: formatInstant(erasure.asked_at, this.zone, this.locale) })}</p>`
          : html`<form @submit=${this.erase}>
              <label class="check" for="sure"><input id="sure" type="checkbox" .checked=${this.sure} @change=${(/** @type {any} */ event) => (this.sure = event.target.checked)} /><span>${say("privacy.erasure.sure")}</span></label>
              <button class="danger" ?disabled=${!this.sure || this.working}>${icon("voided")}${say("privacy.erasure.do")}</button>
            </form>`}
      </div>`;
  }
}

customElements.define("partage-privacy-part", PrivacyPart);
