/** The tutorial's commands, typed with curl, against `podpass dev` as a developer starts it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Running, startPodpass } from '../support/process.ts';

const SCRIPT = join(import.meta.dirname, 'walkthrough.sh');
const CHECKS = 25;

test('the tutorial works as it is typed, twice on one `podpass dev`', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'podpass-seed-'));
  try {
    await using dev = startPodpass(['dev', '--listen', '127.0.0.1:0', '--data-dir', dir]);
    await dev.output(/Ctrl-C stops it/);
    for (const round of [1, 2]) {
      await using script = new Running('bash', [SCRIPT, join(dir, 'dev.json')], { environment: { NODE: process.execPath } });
      const { status, stdout, stderr } = await script.ended;
      assert.equal(status, 0, `round ${round}:\n${stdout}${stderr}`);
      assert.match(stdout, new RegExp(`\n${CHECKS} passed, 0 failed\n$`));
    }
    dev.signal('SIGTERM');
    assert.equal((await dev.ended).status, 0);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
