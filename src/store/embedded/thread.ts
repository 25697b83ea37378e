/**
 * The store thread: owns the SQLite file of an embedded store. Everything here is synchronous, because nothing
 * else runs in this thread; the event loop talks to it by message (`client.ts`).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { AppendOutcome } from '../../audit/recorder.ts';
import { createAppender } from './appender.ts';
import { openDataDirectory, StoreRefusal } from './data-directory.ts';
import { migrate } from './migrate.ts';
import type { QueryResult, SqlValue, StoreCommand, StoreReply, StoreRequest, StoreThreadOptions } from './protocol.ts';

interface Lane {
  readonly db: DatabaseSync;
  readonly statements: Map<string, StatementSync>;
}

const MAX_STATEMENTS = 500;

function prepare(lane: Lane, sql: string): StatementSync {
  let statement = lane.statements.get(sql);
  if (!statement) {
    statement = lane.db.prepare(sql);
    if (lane.statements.size >= MAX_STATEMENTS) lane.statements.clear();
    lane.statements.set(sql, statement);
  }
  return statement;
}

function runQuery(lane: Lane, sql: string, parameters: readonly SqlValue[]): QueryResult {
  const statement = prepare(lane, sql);
  if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
  return { rows: [], changes: Number(statement.run(...parameters).changes) };
}

function start(options: StoreThreadOptions): (command: StoreCommand) => unknown {
  const files = openDataDirectory(options);
  const write: Lane = { db: files.database, statements: new Map() };
  migrate(write.db);
  const read: Lane = { db: files.openReader(), statements: new Map() };
  const appender = createAppender(write.db);

  return (command) => {
    switch (command.kind) {
      case 'query':
        return runQuery(command.lane === 'read' ? read : write, command.sql, command.parameters);
      case 'append':
        return appender.append(command.records) satisfies readonly AppendOutcome[];
      case 'open_chain':
        return appender.open(command.writerId, command.at);
      case 'close_chain':
        return appender.close(command.at);
      case 'close':
        read.db.close();
        write.db.close();
        files.release();
        return undefined;
      default:
        return command satisfies never;
    }
  };
}

function main(): void {
  const port = parentPort;
  if (!port) throw new Error('The store thread runs as a worker thread only.');
  const reply = (message: StoreReply) => port.postMessage(message);
  const failure = (id: number, error: unknown): StoreReply => ({
    id,
    ok: false,
    message: error instanceof Error ? error.message : String(error),
    code: error instanceof StoreRefusal ? error.code : sqliteCode(error),
  });

  let run: (command: StoreCommand) => unknown;
  try {
    run = start(workerData as StoreThreadOptions);
  } catch (error) {
    reply(failure(0, error));
    port.close();
    return;
  }
  reply({ id: 0, ok: true, value: undefined });
  port.on('message', (request: StoreRequest) => {
    try {
      reply({ id: request.id, ok: true, value: run(request.command) });
    } catch (error) {
      reply(failure(request.id, error));
    }
    if (request.command.kind === 'close') port.close();
  });
}

function sqliteCode(error: unknown): string {
  const extended = (error as { errcode?: unknown }).errcode;
  return typeof extended === 'number' ? `sqlite_${extended & 0xff}` : 'internal';
}

main();
