/** A process of `bare-crypto.ts`: verifies and signs for some seconds, then prints what that took as one line of JSON. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import type { BareWay, WorkerResult } from './bare-crypto.ts';

const [way = 'sync', seconds = '2'] = process.argv.slice(2) as [BareWay?, string?];
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
// About as long as the first two parts of a token.
const INPUT = Buffer.alloc(900, 'a');
const SIGNATURE = sign('sha256', INPUT, privateKey);
const IN_FLIGHT = 64;

const verifyOnce = () => {
  if (!verify('sha256', INPUT, publicKey, SIGNATURE)) throw new Error('A signature of this process does not hold.');
};

const signInPool = () =>
  new Promise<void>((resolve, reject) => sign('sha256', INPUT, privateKey, (error) => (error ? reject(error) : resolve())));

/** Returns how many pairs were done until `until`. */
const WAYS: Readonly<Record<BareWay, (until: number) => Promise<number>>> = {
  async sync(until) {
    let pairs = 0;
    for (; performance.now() < until; pairs += 1) {
      verifyOnce();
      sign('sha256', INPUT, privateKey);
    }
    return pairs;
  },
  async pool(until) {
    let pairs = 0;
    const lane = async () => {
      for (; performance.now() < until; pairs += 1) {
        verifyOnce();
        await signInPool();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    return pairs;
  },
};

const forSeconds = (length: number) => WAYS[way](performance.now() + length * 1000);

await forSeconds(0.5);
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
const pairs = await forSeconds(Number(seconds));
const cpu = process.cpuUsage(cpuBefore);
const result: WorkerResult = { pairs, seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
process.stdout.write(`${JSON.stringify(result)}\n`);
