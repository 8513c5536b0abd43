/**
 * Meter data, for provider and grid operator: files in, findings by rule and point, decisions about them, how good the data are.
 *
 * @typedef {import("../data/meter_data.js").Days} Days
 * @typedef {import("../data/meter_data.js").Load} Load
 * @typedef {import("../data/meter_data.js").Quality} Quality
 * @typedef {import("../domain/meter_sums.js").FeederSums} FeederSums
 * @typedef {import("../domain/readings.js").Curve} Curve
 * @typedef {import("../domain/readings.js").StoredFinding} StoredFinding
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { askCurve, askFeeder, askFindings, askLoads, askQuality } from "../data/meter_data.js";
import { formatCount, formatDay, formatInstant, formatShare } from "../domain/figures.js";
import { FEEDER_DAYS_MAX } from "../domain/meter_sums.js";
import { daysAround, latenessOf, verdictOn, worstOf } from "../domain/readings.js";
import { say } from "../i18n/words.js";
import "../components/decision_form.js";
import "../components/feeder_days.js";
import "../components/file_drop.js";
import { icon } from "../components/icons.js";
import { Localized } from "../components/localized.js";
import { noticeOf } from "../components/notice.js";
import "../components/quality_map.js";
import "../components/reading_curve.js";
import "../components/reading_findings.js";
import { ruleName, wordsOf } from "../components/reading_findings.js";
import "../components/register_spans.js";
import { roleStyles, tableStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";

const STEPS = ["day", "week", "month"];
const DAY_MILLISECONDS = 86_400_000;
const LOADS_SHOWN = 20;
const WORST_SHOWN = 3;
const FEEDER_SHOWN = { aside: 7, most: FEEDER_DAYS_MAX };

export class Readings extends Localized {
  static properties = {
    community: {},
    allowed: { type: Boolean },
    place: { state: true },
    days: { state: true },
    by: { state: true },
    findings: { state: true },
    quality: { state: true },
    loads: { state: true },
    finding: { state: true },
    curve: { state: true },
    feeder: { state: true },
    error: { state: true },
    fault: { state: true },
    said: { state: true },
  };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    css`
      .days {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 180px));
        gap: 12px;
        align-items: end;
      }

      .scroll {
        max-height: 320px;
      }

      td.text {
        white-space: normal;
        overflow-wrap: anywhere;
      }

      @media (max-width: 599px) {
        .days {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    this.allowed = false;
    /** @type {{name: string, zone: string} | null} */
    this.place = null;
    /** @type {Days | null} */
    this.days = null;
    this.by = "day";
    /** @type {StoredFinding[] | null} */
    this.findings = null;
    /** @type {Quality | null} */
    this.quality = null;
    /** @type {(Load & {part: import("../domain/readings.js").Part})[]} */
    this.loads = [];
    /** @type {StoredFinding | null} */
    this.finding = null;
    /** @type {StoredFinding | null} What is asked for last; an answer to what was asked before comes too late. */
    this.asked = null;
    /** @type {Curve | null} */
    this.curve = null;
    /** @type {FeederSums | null} */
    this.feeder = null;
    /** @type {unknown} */
    this.error = null;
    this.fault = "";
    this.said = "";
    /** @type {AbortController | null} */
    this.loading = null;
    this.retry = () => void this.load();
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if ((changed.has("community") || changed.has("allowed")) && this.allowed && this.community) void this.load();
  }

  /** All that the page shows, or what stands where it cannot be. */
  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    const { days, by } = this;
    this.error = null;
    try {
      const card = await ask(`/public/communities/${encodeURIComponent(this.community)}`, { signal });
      const [loads, quality, found] = await Promise.all([askLoads(this.community, signal), askQuality(this.community, days, by, signal), askFindings(this.community, days, signal)]);
      if (signal.aborted) return;
      this.place = { name: card.name, zone: card.time_zone };
      this.loads = loads;
      this.quality = quality;
      this.findings = found.items;
      if (!this.days && quality.first && quality.last) this.days = { from: quality.first, to: quality.last };
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  /** @param {Partial<Days>} changed */
  chooseDays(changed) {
    const chosen = (/** @type {string} */ name) => /** @type {HTMLInputElement | null} */ (this.renderRoot.querySelector(`#${name}`))?.value ?? "";
    const days = { from: chosen("from"), to: chosen("to"), ...changed };
    if (!days.from || !days.to) return;
    this.fault = days.from > days.to ? say("readings.days.order") : "";
    if (this.fault) return;
    this.days = days;
    const length = (Date.parse(days.to) - Date.parse(days.from)) / DAY_MILLISECONDS;
    if (this.by === "day" && length > 92) this.by = "week";
    this.close();
    void this.load();
  }

  /** @param {StoredFinding} finding */
  async choose(finding) {
    const ofFeeder = finding.rule === "feeder";
    const days = this.place && daysAround(finding, this.place.zone, ofFeeder ? FEEDER_SHOWN : undefined);
    if (!days) return;
    this.asked = finding;
    const signal = this.loading?.signal ?? new AbortController().signal;
    try {
      const feeder = ofFeeder ? await askFeeder(this.community, finding.metering_point, days, signal) : null;
      const curve = ofFeeder ? null : await askCurve(this.community, finding.metering_point, days, signal);
      if (this.asked !== finding) return;
      Object.assign(this, { finding, feeder, curve, said: "" });
    } catch (error) {
      this.fault = /** @type {any} */ (error).message;
      return;
    }
    await this.updateComplete;
    const title = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#curve"));
    title?.scrollIntoView({ block: "start" });
    title?.focus({ preventScroll: true });
  }

  close() {
    this.asked = this.finding = this.curve = this.feeder = null;
  }

  async noteDecision() {
    const { finding } = this;
    await this.load();
    const again = this.findings?.find((one) => one.rule === finding?.rule && one.metering_point === finding?.metering_point && one.start_utc === finding?.start_utc);
    if (again) await this.choose(again);
    else this.close();
    this.said = say("readings.decide.done");
  }

  render() {
    const title = html`<h1>${say("readings.title")}</h1>`;
    if (!this.allowed) {
      return html`<div class="page">${title}<partage-notice kind="error" .heading=${say("role.forbidden.title")} .text=${say("readings.forbidden")}></partage-notice></div>`;
    }
    if (this.error) return html`<div class="page">${title}${noticeOf(this.error, this.retry)}</div>`;
    const { place } = this;
    if (!place) return html`<div class="page">${title}<partage-notice kind="loading" .heading=${say("readings.loading")}></partage-notice></div>`;
    return html`<div class="page">
      <header class="stack">
        <div>
          <p class="soft small">${place.name}</p>
          ${title}
        </div>
        <p class="soft">${say("readings.lead")}</p>
      </header>
      <section class="card screen">
        <h2>${say("readings.files")}</h2>
        <partage-file-drop .community=${this.community} .zone=${place.zone} .points=${this.quality?.points.map((one) => one.metering_point) ?? []} @loaded=${() => void this.load()}></partage-file-drop>
      </section>
      ${this.quality?.total ? this.renderDays() : nothing} ${this.renderFindings(place)} ${this.renderQuality()} ${this.renderLoads(place)}
      <p class="small soft screen">${say("readings.logged")}</p>
    </div>`;
  }

  renderDays() {
    const { days } = this;
    const field = (/** @type {"from" | "to"} */ name) => html`<div>
      <label for=${name}>${say(`readings.days.${name}`)}</label>
      <input id=${name} type="date" .value=${days?.[name] ?? ""} @change=${(/** @type {any} */ event) => this.chooseDays({ [name]: event.target.value })} />
    </div>`;
    return html`<section class="card screen">
      <h2>${say("readings.days")}</h2>
      <div class="days">
        ${field("from")} ${field("to")}
        <div>
          <label for="by">${say("readings.days.by")}</label>
          <select id="by" @change=${(/** @type {any} */ event) => ((this.by = event.target.value), void this.load())}>
            ${STEPS.map((step) => html`<option value=${step} ?selected=${step === this.by}>${say(`readings.by.${step}`)}</option>`)}
          </select>
        </div>
      </div>
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : nothing}
    </section>`;
  }

  /** @param {{zone: string}} place */
  renderFindings(place) {
    const findings = this.findings ?? [];
    const none = say(this.quality?.total ? "readings.findings.none" : "readings.findings.empty");
    return html`<section class="card">
      <h2>${say("readings.findings")}</h2>
      ${findings.length > 0
        ? html`<partage-reading-findings .findings=${findings} .chosen=${this.finding} .zone=${place.zone} @chosen=${(/** @type {CustomEvent} */ event) => void this.choose(event.detail)}></partage-reading-findings>`
        : html`<p class="soft">${none}</p>`}
      ${this.finding && (this.curve || this.feeder) ? this.renderChosen(place, this.finding) : nothing}
    </section>`;
  }

  /**
   * @param {{zone: string}} place
   * @param {StoredFinding} finding
   */
  renderChosen({ zone }, finding) {
    const { curve, feeder } = this;
    const { sentence, limit } = wordsOf(finding, { locale: this.locale, zone });
    return html`<div class="stack">
      <div class="row spread">
        <h2 id="curve" tabindex="-1">${say("readings.curve", { rule: ruleName(finding.rule), point: finding.metering_point })}</h2>
        <button type="button" @click=${this.close}>${icon("close")}${say("readings.curve.close")}</button>
      </div>
      <p>${sentence}</p>
      ${limit ? html`<p class="small soft">${say("readings.curve.limit", { limit })}</p>` : nothing}
      ${curve ? this.renderCurve(zone, finding, curve) : nothing} ${feeder ? this.renderFeeder(feeder) : nothing}
    </div>`;
  }

  /** @param {FeederSums} feeder */
  renderFeeder(feeder) {
    return html`<p class="fault">${say("readings.feeder.undecided")}</p>
      <partage-feeder-days .feeder=${feeder} .findings=${this.findings ?? []} @chosen=${(/** @type {CustomEvent} */ event) => void this.choose(event.detail)}></partage-feeder-days>`;
  }

  /**
   * @param {string} zone
   * @param {StoredFinding} finding
   * @param {Curve} curve
   */
  renderCurve(zone, finding, curve) {
    const { decision } = finding;
    return html`<partage-reading-curve .curve=${curve} .span=${finding} .zone=${zone}></partage-reading-curve>
      <partage-register-spans .spans=${curve.registers} .zone=${zone}></partage-register-spans>
      ${this.said ? html`<p role="status">${this.said}</p>` : nothing}
      ${decision ? html`<p class="small">${icon("final", 14)} ${say(`readings.treatment.${decision.treatment}`)}: ${decision.reason}</p>` : nothing}
      <partage-decision-form
        class="screen"
        .community=${this.community}
        .finding=${finding}
        .direction=${curve.direction}
        .end=${(finding.start_utc ?? 0) + curve.resolution_minutes * 60}
        @decided=${() => void this.noteDecision()}
      ></partage-decision-form>`;
  }

  renderQuality() {
    const { quality } = this;
    if (!quality?.total || !quality.first || !quality.last) return nothing;
    const { total, operators } = quality;
    const late = (/** @type {number | null} */ hours) => {
      const { words, count } = latenessOf(hours);
      return say(words, { count });
    };
    const facts = [
      ["readings.quality.measured.share", formatShare(total.measured_ppm, this.locale)],
      ["readings.quality.edited.share", formatShare(total.edited_ppm, this.locale)],
      ["readings.quality.estimated.share", formatShare(total.estimated_ppm, this.locale)],
      ["readings.quality.missing.share", formatShare(total.missing_ppm, this.locale)],
      ["readings.quality.late", late(total.lateness_median_hours)],
      ["readings.quality.late95", late(total.lateness_p95_hours)],
    ];
    const heads = ["readings.quality.operator", "readings.quality.points", "readings.quality.measured.share", "readings.quality.estimated.share", "readings.quality.missing.share", "readings.quality.late95.head"];
    return html`<section class="card">
      <h2>${say("readings.quality")}</h2>
      <p class="small soft">${say("readings.quality.lead", { from: formatDay(quality.first, this.locale), to: formatDay(quality.last, this.locale) })}</p>
      <p><b>${say(`readings.quality.verdict.${verdictOn(total)}`)}</b> ${this.tellWorst(quality)} ${total.missing_ppm > 0 ? say("readings.quality.means") : ""}</p>
      <dl class="facts">
        ${facts.map(([words, value]) => html`<div><dt>${say(words ?? "")}</dt><dd data-figure=${words ?? ""}>${value}</dd></div>`)}
      </dl>
      <p class="small soft">${say("readings.late.means")}</p>
      <partage-quality-map .quality=${quality}></partage-quality-map>
      <h3>${say("readings.quality.operators")}</h3>
      <div class="scroll" role="region" tabindex="0" aria-label=${say("readings.quality.operators")}>
        <table>
          <thead>
            <tr>
              ${heads.map((words) => html`<th scope="col">${say(words)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${operators.map(
              (one) => html`<tr>
                <th scope="row">${one.operator || say("readings.quality.operator.unknown")}</th>
                <td>${formatCount(one.metering_points, this.locale)}</td>
                ${[one.measured_ppm + one.edited_ppm, one.estimated_ppm, one.missing_ppm].map((ppm) => html`<td>${formatShare(ppm, this.locale)}</td>`)}
                <td>${late(one.lateness_p95_hours)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`;
  }

  /** @param {Quality} quality */
  tellWorst({ points }) {
    const worst = worstOf(points, WORST_SHOWN);
    if (worst.length === 0) return "";
    const told = worst.map((one) => say("readings.quality.worst.point", { point: one.metering_point, share: formatShare(one.estimated_ppm + one.missing_ppm, this.locale) }));
    return say("readings.quality.worst", { points: told.join(", ") });
  }

  /** @param {{zone: string}} place */
  renderLoads({ zone }) {
    const { loads } = this;
    return html`<section class="card">
      <h2>${say("readings.loads")}</h2>
      ${loads.length === 0
        ? html`<p class="soft">${say("readings.loads.none")}</p>`
        : html`<div class="scroll" role="region" tabindex="0" aria-label=${say("readings.loads")}>
            <table>
              <thead>
                <tr>
                  ${["readings.loads.when", "readings.loads.files", "readings.loads.what", "readings.loads.readings", "readings.loads.by"].map((words) => html`<th scope="col">${say(words)}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${loads.slice(0, LOADS_SHOWN).map(
                  (load) => html`<tr>
                    <th scope="row">${formatInstant(new Date(load.received_utc * 1000).toISOString(), zone, this.locale)}</th>
                    <td class="text">${load.files.join(", ")}</td>
                    <td class="text">${say(`readings.loads.part.${load.part}`)}</td>
                    <td>${formatCount(load.readings, this.locale)}</td>
                    <td>${load.binding ? say("readings.loads.ruled") : load.by || say("readings.loads.command")}</td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>`}
    </section>`;
  }
}

customElements.define("partage-readings", Readings);
