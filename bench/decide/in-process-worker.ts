/** A process of `in-process.ts`: an account in memory, and a mix of questions about it; prints what it found as one line of JSON. */
import { createCatalog } from '../../src/access/catalog/catalog.ts';
import { createDecisions, type Question } from '../../src/access/decisions/decide.ts';
import { createManualClock } from '../../src/kernel/clock.ts';
import { type AccountSnapshot, AccountView } from '../../src/view/account-view.ts';
import { planAccount } from './account.ts';
import { snapshotOfPlan } from './contents.ts';
import type { InProcessOptions, InProcessResult, Latencies } from './in-process.ts';
import { type AskedQuestion, makeQuestions, OFFICE_TIME } from './questions.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as InProcessOptions;
const BATCH = 500;
const HOT_QUESTIONS = 20_000;
const TIMER_READINGS = 100_000;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const quantile = (sorted: Float64Array, share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

function usedHeap(): number {
  if (globalThis.gc === undefined) throw new Error('This process needs --expose-gc.');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** Made in a function of its own, whose frame would otherwise keep the rows alive while the heap is measured. */
function makeView(text: string, without: Partial<AccountSnapshot>): AccountView {
  return new AccountView({ ...(JSON.parse(text) as AccountSnapshot), ...without });
}

/** A view of the account as the server has it: made from rows that were parsed, and that nothing else holds. */
function loadView(text: string, without: Partial<AccountSnapshot> = {}): { readonly view: AccountView; readonly heapBytes: number } {
  const before = usedHeap();
  const view = makeView(text, without);
  return { view, heapBytes: usedHeap() - before };
}

const plan = planAccount('d'.repeat(32), options.policies);
const text = JSON.stringify(snapshotOfPlan(plan));
const withoutPolicies = loadView(text, { policies: [] }).heapBytes;
const { view, heapBytes } = loadView(text);
if (view.policies.size !== options.policies) throw new Error(`The view holds ${view.policies.size} policies, not ${options.policies}.`);

const { decide } = createDecisions(createCatalog(), createManualClock(OFFICE_TIME));
const asked = makeQuestions(plan, options.questions);

/** The questions in batches of text: each is parsed just before it is asked, as a request is. */
const inBatches = (questions: readonly AskedQuestion[]): readonly string[] =>
  Array.from({ length: Math.ceil(questions.length / BATCH) }, (_, index) =>
    JSON.stringify(questions.slice(index * BATCH, (index + 1) * BATCH).map(({ question }) => question)),
  );
const batches = inBatches(asked);
const askedByTen = makeQuestions(plan, HOT_QUESTIONS, { profiles: 10 });
const batchesOfTen = inBatches(askedByTen);
const justParsed = (batch: string): readonly Question[] => JSON.parse(batch) as readonly Question[];

/** A decision that turns out otherwise than the plan says makes the figures worthless. */
function insist(questions: readonly AskedQuestion[]): void {
  for (const { question, permitted } of questions) {
    const decision = decide(view, question);
    const hasReason = decision.permitted ? decision.permittedBy.length > 0 : decision.nearest !== undefined;
    if (decision.permitted === permitted && hasReason) continue;
    throw new Error(`${permitted ? 'A permit' : 'A refusal'} was expected:\n${JSON.stringify({ question, decision }, null, 1)}`);
  }
}

/** Every question once, each measured by itself, in microseconds. */
function timeSingly(): Float64Array {
  const times = new Float64Array(asked.length);
  let next = 0;
  for (const batch of batches) {
    for (const question of justParsed(batch)) {
      const began = performance.now();
      decide(view, question);
      times[next] = (performance.now() - began) * 1000;
      next += 1;
    }
  }
  return times;
}

/** Nanoseconds of CPU for a decision, the questions all asked once without a timer between them. */
function timeTogether(some: readonly string[]): number {
  let spentUs = 0;
  let decided = 0;
  for (const batch of some) {
    const questions = justParsed(batch);
    decided += questions.length;
    const { user, system } = process.threadCpuUsage();
    for (const question of questions) decide(view, question);
    const spent = process.threadCpuUsage();
    spentUs += spent.user + spent.system - user - system;
  }
  return (spentUs * 1000) / decided;
}

function timerCost(): number {
  const times = Array.from({ length: TIMER_READINGS }, () => {
    const began = performance.now();
    return (performance.now() - began) * 1000;
  });
  return median(times);
}

function latenciesOf(rounds: readonly Float64Array[], keep: (question: AskedQuestion) => boolean): Latencies {
  const sorted = rounds.map((times) => times.filter((_, index) => keep(asked[index] as AskedQuestion)).sort());
  const at = (share: number) => median(sorted.map((times) => quantile(times, share)));
  return { p50Us: at(0.5), p99Us: at(0.99), maxUs: at(1) };
}

insist(asked);
insist(askedByTen);
timeSingly();
const rounds: Float64Array[] = [];
const cpu: number[] = [];
const cpuOfTen: number[] = [];
for (let round = 0; round < options.rounds; round += 1) {
  rounds.push(timeSingly());
  cpu.push(timeTogether(batches));
  cpuOfTen.push(timeTogether(batchesOfTen));
}
const result: InProcessResult = {
  policies: options.policies,
  groups: plan.ofGroup.length,
  profiles: plan.profiles.length,
  all: latenciesOf(rounds, () => true),
  permitted: latenciesOf(rounds, ({ permitted }) => permitted),
  denied: latenciesOf(rounds, ({ permitted }) => !permitted),
  cpuNsPerDecision: median(cpu),
  cpuNsOfTenProfiles: median(cpuOfTen),
  timerUs: timerCost(),
  heapBytesPerPolicy: (heapBytes - withoutPolicies) / options.policies,
  viewHeapBytes: heapBytes,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
