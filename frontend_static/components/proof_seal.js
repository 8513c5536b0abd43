/**
 * The seal: what was checked here against the chain, and by whom. It asks for the proof itself when it is told to verify.
 *
 * Event `verified`: the proof, or null where none could be made.
 *
 * @typedef {import("../data/proof_worker.js").Proof} Proof
 */
import { css, html, nothing } from "../vendor/lit.js";
import { forgetPins, proveBundle } from "../data/prover.js";
import { parseBundleText } from "../domain/bundle_fields.js";
import { formatCount, formatInstant } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import "./check_list.js";
import "./hash_text.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sealStyles } from "./proof_seal_styles.js";
import { sharedStyles } from "./shared_styles.js";

export class ProofSeal extends Localized {
  static properties = {
    bill: { attribute: false },
    fetchBundle: { attribute: false },
    zone: {},
    phase: { state: true },
    progress: { state: true },
  };

  static styles = [sharedStyles, sealStyles];

  constructor() {
    super();
    /** What the page shows. @type {import("../domain/bill_view.js").BillContent | null} */
    this.bill = null;
    /** Gives the proof as it was written. @type {((signal: AbortSignal) => Promise<string>) | null} */
    this.fetchBundle = null;
    this.zone = "UTC";
    /** @type {"idle" | "fetch" | "check" | "ok" | "failed" | "unreachable"} */
    this.phase = "idle";
    this.progress = 0;
    /** @type {Proof | null} */
    this.proof = null;
    /** @type {any} */
    this.bundle = null;
    this.text = "";
    this.reason = "";
    /** @type {AbortController | null} */
    this.stopper = null;
  }

  disconnectedCallback() {
    this.stopper?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("bill") && changed.get("bill")) this.stop(); // another bill: its seal is its own
  }

  stop() {
    this.stopper?.abort();
    this.stopper = null;
    this.proof = null;
    this.phase = "idle";
  }

  /** Fetch the proof and check it. */
  async verify() {
    if (!this.fetchBundle) return;
    this.stopper?.abort();
    const stopper = new AbortController();
    this.stopper = stopper;
    this.proof = null;
    this.progress = 0;
    this.phase = "fetch";
    try {
      const text = await this.fetchBundle(stopper.signal);
      if (stopper.signal.aborted) return;
      this.text = text;
      this.bundle = parseBundleText(text);
      this.phase = "check";
      const told = (/** @type {number} */ progress) => (this.progress = progress);
      const proof = await proveBundle(this.bundle, this.bill, told, stopper.signal);
      this.proof = proof;
      this.phase = proof.ok ? "ok" : "failed";
    } catch (error) {
      if (stopper.signal.aborted) return;
      this.phase = "unreachable";
      this.reason = this.wordError(error);
    }
    this.dispatchEvent(new CustomEvent("verified", { detail: this.proof }));
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("h2"))?.focus();
  }

  /** @param {unknown} error */
  wordError(error) {
    const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
    if (name === "ChainError" || name === "WorkerError") return say("seal.unreachable.chain");
    if (name === "BundleError") return say("seal.unreachable.bundle", { reason: message });
    return say("seal.unreachable.service", { reason: message || name });
  }

  saveBundle() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([this.text], { type: "application/json" }));
    link.download = `partage-${this.bill ? `${this.bill.participant.id}-${this.bill.period.label}` : "proof"}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** @returns {Record<number, string>} */
  get numbers() {
    return Object.fromEntries((this.bundle?.points ?? []).map((/** @type {any} */ point) => [point.slot, point.number]));
  }

  render() {
    const working = this.phase === "fetch" || this.phase === "check";
    return html`<section class="seal ${this.phase}" aria-labelledby="title">
      ${this.renderHead()}
      <p class="text">${this.renderText()}</p>
      ${working ? this.renderProgress() : nothing}
      ${this.phase === "failed" && this.proof
        ? html`<h3>${say("seal.failed.where")}</h3>
            <partage-check-list only="failures" .checks=${this.proof.checks} .numbers=${this.numbers}></partage-check-list>
            ${this.renderForget(this.proof)}`
        : nothing}
      ${this.proof ? this.renderFacts(this.proof) : nothing}
      <div class="row screen">
        ${working
          ? html`<button type="button" @click=${this.stop}>${say("seal.stop")}</button>`
          : html`<button type="button" class=${this.proof ? "" : "primary"} @click=${this.verify}>
              ${say(this.phase === "idle" ? "seal.verify" : "seal.again")}
            </button>`}
        ${this.bundle && this.bill && !working
          ? html`<button type="button" class="quiet" title=${say("seal.save.text")} @click=${this.saveBundle}>
              ${icon("file")}${say("seal.save")}
            </button>`
          : nothing}
      </div>
      <span class="hidden" role="status">${working ? say("seal.working") : ""}</span>
    </section>`;
  }

  /** @param {Proof} proof */
  renderForget(proof) {
    if (!proof.checks.some((check) => !check.ok && check.id.startsWith("pin."))) return nothing;
    return html`<p class="small">${say("seal.forget.text")}</p>
      <button type="button" class="quiet screen" @click=${this.forget}>${say("seal.forget")}</button>`;
  }

  async forget() {
    forgetPins();
    await this.verify();
  }

  renderHead() {
    const titles = /** @type {const} */ ({
      ...{ idle: "seal.idle", fetch: "seal.working", check: "seal.working", ok: "seal.ok" },
      ...{ failed: "seal.failed", unreachable: "seal.unreachable" },
    });
    const marks = { idle: "verify", fetch: "verify", check: "verify", ok: "final", failed: "voided", unreachable: "offline" };
    return html`<div class="head">
      <span class="mark">${icon(marks[this.phase], 32)}</span>
      <h2 id="title" tabindex="-1">${say(titles[this.phase])}</h2>
    </div>`;
  }

  renderText() {
    switch (this.phase) {
      case "ok": {
        const count = this.proof?.checks.reduce((sum, check) => sum + check.count, 0) ?? 0;
        return say(this.bill ? "seal.ok.text" : "seal.ok.text.bundle", { count: formatCount(count, this.locale) });
      }
      case "failed":
        return say("seal.failed.text");
      case "unreachable":
        return this.reason;
      case "fetch":
        return say("seal.working.fetch");
      case "check":
        return say("seal.working.check");
      default:
        return say("seal.idle.text");
    }
  }

  renderProgress() {
    return html`<progress
      max="1"
      .value=${this.phase === "fetch" ? 0.05 : 0.1 + 0.9 * this.progress}
      aria-label=${say("seal.working")}
    ></progress>`;
  }

  /** @param {Proof} proof */
  renderFacts(proof) {
    const { verdict } = proof;
    const { block, state } = verdict;
    const seconds = (proof.milliseconds / 1000).toLocaleString(this.locale, { maximumFractionDigits: 2 });
    const open = verdict.contestableUntil * 1000 > Date.now() && state.run === "contestable";
    const until = formatInstant(new Date(verdict.contestableUntil * 1000).toISOString(), this.zone, this.locale);
    const version = this.bundle?.run_version ?? "";
    return html`<dl>
        <dt>${say("seal.run")}</dt>
        <dd>${say("seal.run.value", { version, state: say(`state.${state.run}`) })}</dd>
        <dt>${say("seal.root")}</dt>
        <dd><partage-hash .value=${verdict.runRoot} .what=${say("seal.root")}></partage-hash></dd>
        ${block
          ? html`<dt>${say("seal.block")}</dt>
              <dd>${formatCount(block.number, this.locale)} <partage-hash .value=${block.hash} .what=${say("seal.block")}></partage-hash></dd>`
          : nothing}
        <dt>${say("seal.readings")}</dt>
        <dd>${say(`seal.readings.${verdict.readingsLabel}`)}</dd>
        <dt>${say("seal.checked_by")}</dt>
        <dd>${say("seal.checked_by.value", { seconds })}</dd>
      </dl>
      ${open ? html`<p class="small">${say("seal.ok.contestable", { until })}</p>` : nothing}
      <div>
        <h3>${say("seal.what")}</h3>
        <partage-check-list .checks=${proof.checks} .numbers=${this.numbers}></partage-check-list>
      </div>
      ${verdict.unchecked.map(({ key, values }) => html`<p class="small soft">${say(`seal.unchecked.${key}`, values)}</p>`)}
      ${this.bill ? html`<p class="small soft">${say("seal.not_anchored")}</p>` : nothing}`;
  }
}

customElements.define("partage-proof-seal", ProofSeal);
