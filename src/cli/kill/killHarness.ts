// Ends the worker and the tab of a practising run at random moments, many times, and holds what is stored against a run that
// was never interrupted: after every death all rows up to the last checkpoint are there and right, the run goes on from that
// checkpoint, and in the end every row of every store is the same, bit for bit.
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { CounterRng } from '../../lib/counterRng';
import { STORES } from '../../storage/database';
import { installProbe, type ProbeWindow, type RowPrint, readPrints, type StoredPrint } from './pageProbe';

export interface KillPlan {
  address: string;
  browser: string;
  workerKills: number;
  tabKills: number;
  seed: number;
  /** of the run that is killed */
  steps: number;
  /** The longest that a run is left alone, milliseconds. */
  longestCalm: number;
  /** Hears every death and every comparison. */
  tell(event: Record<string, unknown>): void;
}

export interface Deaths {
  kills: number;
  resumed: number;
}

export interface KillReport {
  worker: Deaths;
  tab: Deaths;
  /** rows that should have been there */
  lost: number;
  /** rows that should not have been there, or not as they were */
  doubled: number;
  /** whole runs that were compared with the uninterrupted one */
  compared: number;
}

const WAIT_MS = 90_000;
/** Of the deaths, some come while the run is still being restored. */
const EARLY_SHARE = 0.2;
const ROW_STORES = STORES.filter((store) => store !== 'runs' && store !== 'labels');

export class KillHarness {
  private readonly rng: CounterRng;
  private readonly report: KillReport = {
    worker: { kills: 0, resumed: 0 },
    tab: { kills: 0, resumed: 0 },
    lost: 0,
    doubled: 0,
    compared: 0,
  };
  private context!: BrowserContext;
  private page!: Page;
  /** Deaths since the run last went on. */
  private pending: Deaths[] = [];
  /** The latest death was that of the tab. */
  private diedTab = false;

  private constructor(
    private readonly plan: KillPlan,
    private readonly browser: Browser,
  ) {
    this.rng = new CounterRng(plan.seed, 0x6b69_6c6c);
  }

  static async run(plan: KillPlan): Promise<KillReport> {
    const browser = await chromium.launch({
      executablePath: plan.browser,
      args: ['--no-sandbox', '--disable-background-networking'],
    });
    try {
      const harness = new KillHarness(plan, browser);
      return await harness.killing(await harness.uninterrupted());
    } finally {
      await browser.close();
    }
  }

  /** A run in a browser profile of its own, just begun. */
  private async begin(): Promise<void> {
    await this.context?.close();
    this.context = await this.browser.newContext();
    this.context.setDefaultTimeout(WAIT_MS);
    // The compiler of this program marks functions by name; the page knows nothing of that.
    await this.context.addInitScript({ content: 'globalThis.__name = (made) => made;' });
    await this.context.addInitScript(installProbe);
    await this.openTab();
    await this.page.getByRole('button', { name: /^Practise for/ }).click();
    await this.until((probe) => probe.starts.length > 0);
  }

  private async openTab(): Promise<void> {
    this.page = await this.context.newPage();
    await this.page.goto(this.plan.address);
    await this.modelReady();
  }

  private async modelReady(): Promise<void> {
    await this.page.locator('button:enabled', { hasText: 'Let it try' }).waitFor();
  }

  /** Waits until `test` says yes of what the page's worker has said. Asked from here: the page's policy allows no eval. */
  private async until(test: (probe: Omit<ProbeWindow['killProbe'], 'worker'>) => boolean): Promise<void> {
    const patience = performance.now() + WAIT_MS;
    for (;;) {
      const probe = await this.probe();
      if (test(probe)) return;
      if (performance.now() > patience) throw new Error(`kill: waited ${WAIT_MS} ms, heard ${JSON.stringify(probe)}.`);
      await this.page.waitForTimeout(20);
    }
  }

  private probe() {
    return this.page.evaluate(() => {
      const { starts, finished, failed, step } = (window as unknown as ProbeWindow).killProbe;
      return { starts, finished, failed, step };
    });
  }

  private prints(): Promise<StoredPrint> {
    return this.page.evaluate(readPrints, [...ROW_STORES] as string[]);
  }

  /** What a run leaves that nobody disturbs. */
  private async uninterrupted(): Promise<RowPrint[]> {
    await this.begin();
    await this.until((probe) => probe.finished > 0);
    const { rows } = await this.prints();
    const wanted = this.plan.steps;
    const steps = rows.filter(({ store }) => store === 'metrics').length;
    if (steps !== wanted) throw new Error(`kill: expected ${wanted} rows of an uninterrupted run, got ${steps}.`);
    this.plan.tell({ event: 'kill.reference', rows: rows.length, steps });
    return rows;
  }

  private async killing(expected: RowPrint[]): Promise<KillReport> {
    const { report, plan } = this;
    await this.begin();
    while (report.worker.kills < plan.workerKills || report.tab.kills < plan.tabKills) {
      const calm = Math.floor(this.rng.uniform() * plan.longestCalm);
      await this.page.waitForTimeout(calm);
      if ((await this.probe()).finished > 0) {
        await this.compareWhole(expected);
        continue;
      }
      await this.killOne(calm);
      await this.recover(expected);
    }
    await this.until((probe) => probe.finished > 0);
    await this.compareWhole(expected, false);
    return report;
  }

  /** Tabs and workers in such an order that both are through at the end. */
  private async killOne(calm: number): Promise<void> {
    const { report, plan } = this;
    const tabsLeft = plan.tabKills - report.tab.kills;
    const left = tabsLeft + plan.workerKills - report.worker.kills;
    const isTab = this.rng.uniform() * left < tabsLeft;
    this.diedTab = isTab;
    const { step } = await this.probe();
    const deaths = isTab ? report.tab : report.worker;
    deaths.kills++;
    this.pending.push(deaths);
    plan.tell({ event: 'kill.killed', what: isTab ? 'tab' : 'worker', afterMs: calm, step });
    if (!isTab) {
      await this.page.evaluate(() => (window as unknown as ProbeWindow).killProbe.worker?.terminate());
      return;
    }
    // Every second tab is not closed: its process dies.
    if (report.tab.kills % 2 === 0) await this.crash();
    await this.page.close({ runBeforeUnload: false });
    await this.openTab();
  }

  private async crash(): Promise<void> {
    const session = await this.context.newCDPSession(this.page);
    const crashed = this.page.waitForEvent('crash', { timeout: WAIT_MS });
    // A dead process does not answer.
    void session.send('Page.crash').catch(() => undefined);
    await crashed;
  }

  /** From a death to a run that goes on, with the stores checked in between. */
  private async recover(expected: RowPrint[]): Promise<void> {
    const { page } = this;
    const restart = page.getByRole('button', { name: 'Start it again' });
    const resume = page.locator('.run-controls button:enabled', { hasText: 'Resume' });
    if (!this.diedTab) {
      await restart.click();
      await this.modelReady();
    }
    await resume.waitFor();
    const stored = await this.prints();
    this.comparePrefix(stored, expected);
    const { starts } = await this.probe();
    await resume.click();
    if (this.rng.uniform() < EARLY_SHARE && this.pending.length < 3 && this.wantsMoreWorkers()) {
      await page.waitForTimeout(this.rng.uniform() * 300);
      const deaths = this.report.worker;
      this.diedTab = false;
      deaths.kills++;
      this.pending.push(deaths);
      this.plan.tell({ event: 'kill.killed', what: 'worker', restoring: true });
      await page.evaluate(() => (window as unknown as ProbeWindow).killProbe.worker?.terminate());
      return this.recover(expected);
    }
    await this.until((probe) => probe.starts.length > starts.length);
    const resumedAt = (await this.probe()).starts[starts.length].resumedAt;
    const wanted = stored.run?.checkpointStep ?? 0;
    if (resumedAt === wanted) for (const deaths of this.pending) deaths.resumed++;
    else this.plan.tell({ event: 'kill.wrongStep', expected: wanted, got: resumedAt });
    this.pending = [];
  }

  private wantsMoreWorkers(): boolean {
    return this.report.worker.kills < this.plan.workerKills;
  }

  /** Rows up to the last checkpoint must be there as in the uninterrupted run, and no row may be there that it did not have. */
  private comparePrefix({ rows, run }: StoredPrint, expected: RowPrint[]): void {
    const reached = run?.checkpointStep ?? -1;
    const found = new Map(rows.map((row) => [`${row.store} ${row.key}`, row.hash]));
    const known = new Map(expected.map((row) => [`${row.store} ${row.key}`, row.hash]));
    const lost = expected.filter(
      (row) => row.step >= 0 && row.step <= reached && !found.has(`${row.store} ${row.key}`),
    );
    const strange = rows.filter((row) => row.step >= 0 && known.get(`${row.store} ${row.key}`) !== row.hash);
    this.count(lost, strange);
    this.compareTraces(rows);
  }

  /** A chunk of samples and its index come and go together. */
  private compareTraces(rows: RowPrint[]): void {
    const keysOf = (name: string) => new Set(rows.filter(({ store }) => store === name).map(({ key }) => key));
    const [chunks, indexes] = [keysOf('traces'), keysOf('traceIndexes')];
    const alone = rows.filter(
      ({ store, key }) => (store === 'traces' && !indexes.has(key)) || (store === 'traceIndexes' && !chunks.has(key)),
    );
    this.count(alone, []);
  }

  /** The finished run against the uninterrupted one; then another run begins. */
  private async compareWhole(expected: RowPrint[], goOn = true): Promise<void> {
    const { rows } = await this.prints();
    const found = new Map(rows.map((row) => [`${row.store} ${row.key}`, row.hash]));
    const known = new Map(expected.map((row) => [`${row.store} ${row.key}`, row.hash]));
    this.count(
      expected.filter((row) => !found.has(`${row.store} ${row.key}`)),
      rows.filter((row) => known.get(`${row.store} ${row.key}`) !== row.hash),
    );
    this.report.compared++;
    this.plan.tell({ event: 'kill.compared', rows: rows.length, lost: this.report.lost, doubled: this.report.doubled });
    if (goOn) await this.begin();
  }

  private count(lost: RowPrint[], doubled: RowPrint[]): void {
    this.report.lost += lost.length;
    this.report.doubled += doubled.length;
    for (const row of lost) this.plan.tell({ event: 'kill.lost', ...row });
    for (const row of doubled) this.plan.tell({ event: 'kill.doubled', ...row });
  }
}
