/** How long until an instant: in words that grow finer as it comes near, and the instant itself. */
import { css, html } from "../vendor/lit.js";
import { formatInstant } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { spanWords } from "./span_words.js";

const TICK_MILLISECONDS = 1000;

export class Countdown extends Localized {
  static properties = { until: {}, words: {}, past: {}, zone: {}, now: { state: true } };

  static styles = css`
    :host {
      display: inline-flex;
      gap: 6px;
      align-items: center;
      font-size: 14px;
      line-height: 20px;
    }

    svg {
      flex: none;
    }

    b {
      font-weight: 650;
    }
  `;

  constructor() {
    super();
    /** ISO 8601. */
    this.until = "";
    /** Key of the words around `{left}`. */
    this.words = "countdown.closes";
    /** Key of the words once it has passed, with `{when}`. */
    this.past = "countdown.closed";
    this.zone = "UTC";
    this.now = Date.now();
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.tick(), TICK_MILLISECONDS);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    super.disconnectedCallback();
  }

  tick() {
    const end = Date.parse(this.until);
    const before = this.now;
    this.now = Date.now();
    if (before < end && this.now >= end) this.dispatchEvent(new CustomEvent("passed"));
  }

  render() {
    const seconds = (Date.parse(this.until) - this.now) / 1000;
    const when = formatInstant(this.until, this.zone, this.locale);
    if (!(seconds > 0)) return html`${icon("contestable", 16)}<span>${say(this.past, { when })}</span>`;
    const left = spanWords(Math.max(seconds, 1), this.locale);
    // Not a live region: a reader who wants the time asks for it, and is not told it each second.
    return html`${icon("contestable", 16)}<span role="timer" title=${when}>${say(this.words, { left })}</span>`;
  }
}

customElements.define("partage-countdown", Countdown);
