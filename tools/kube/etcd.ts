/** The store of a test cluster: one etcd member on loopback, its data in the cluster's folder. */
import { join } from 'node:path';
import { type ProcessDescription, ServerProcess } from './processes.ts';

export interface EtcdSettings {
  readonly binary: string;
  readonly folder: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly deadlineMs: number;
}

/** Starts etcd and waits until it serves. Data is not synced to disk: a test cluster does not outlive its machine. */
export async function startEtcd(settings: EtcdSettings): Promise<ServerProcess> {
  const started = await ServerProcess.start(describe(settings));
  const isReady = async () => (await fetch(`http://127.0.0.1:${settings.clientPort}/readyz`)).ok;
  try {
    await started.untilReady({ deadlineMs: settings.deadlineMs, isReady });
  } catch (error) {
    await started.stop(0);
    throw error;
  }
  return started;
}

function describe({ binary, folder, clientPort, peerPort }: EtcdSettings): ProcessDescription {
  const clientUrl = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  return {
    name: 'etcd',
    command: binary,
    logFile: join(folder, 'etcd.log'),
    args: [
      '--name=podpass',
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${clientUrl}`,
      `--advertise-client-urls=${clientUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=podpass=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  };
}
