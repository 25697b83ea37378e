/** The machine that figures were measured on, without anything that tells whose it is. */
import { readFileSync, realpathSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { sep } from 'node:path';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly openssl: string;
  readonly fileSystem: string;
  /** Load average of the minute before the run: what else the machine was doing. */
  readonly loadBefore: number;
}

const MEMORY_FILE_SYSTEMS = new Set(['tmpfs', 'ramfs', 'devtmpfs']);
const GIB = 2 ** 30;

/** Type of the file system that holds a directory, e.g. `ext4`: that of the longest mount point above it. */
export function fileSystemOf(dir: string): string {
  const path = realpathSync(dir);
  let best = { mountPoint: '', type: 'unknown' };
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, mountPoint = '', type = 'unknown'] = line.split(' ');
    const isAbove = mountPoint === '/' || path === mountPoint || path.startsWith(mountPoint + sep);
    // Of two mounts on one point, the later one hides the earlier.
    if (mountPoint !== '' && isAbove && mountPoint.length >= best.mountPoint.length) best = { mountPoint, type };
  }
  return best.type;
}

/** A directory on a disk; the usual temporary directory where none is found, which the report then shows. */
export function diskDirectory(): string {
  const usual = tmpdir();
  return [usual, '/var/tmp', process.cwd()].find((dir) => !MEMORY_FILE_SYSTEMS.has(fileSystemOf(dir))) ?? usual;
}

export function describeMachine(dir: string): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round((totalmem() / GIB) * 10) / 10,
    node: process.version,
    openssl: process.versions.openssl,
    fileSystem: fileSystemOf(dir),
    loadBefore: loadavg()[0] ?? 0,
  };
}
