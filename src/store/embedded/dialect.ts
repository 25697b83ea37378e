/** Kysely over the store thread: one instance reads committed data, the other speaks through the writing connection. */
import {
  CamelCasePlugin,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult as KyselyResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Schema } from '../schema.ts';
import type { StoreClient } from './client.ts';
import type { QueryResult, SqlValue } from './protocol.ts';

class ThreadConnection implements DatabaseConnection {
  readonly #client: StoreClient;
  readonly #lane: 'read' | 'write';

  constructor(client: StoreClient, lane: 'read' | 'write') {
    this.#client = client;
    this.#lane = lane;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<KyselyResult<R>> {
    const result = await this.#client.send<QueryResult>({
      kind: 'query',
      lane: this.#lane,
      sql: query.sql,
      parameters: query.parameters as readonly SqlValue[],
    });
    return { rows: result.rows as R[], numAffectedRows: BigInt(result.changes) };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator; nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<KyselyResult<R>> {
    throw new Error('The store thread does not stream.');
  }
}

function createDriver(client: StoreClient, lane: 'read' | 'write'): Driver {
  const connection = new ThreadConnection(client, lane);
  const refuse = async () => {
    throw new Error('Transactions are opened by the store, which orders them.');
  };
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
  };
}

export function createKysely(client: StoreClient, lane: 'read' | 'write'): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => createDriver(client, lane),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    plugins: [new CamelCasePlugin()],
  });
}
