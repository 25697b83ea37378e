/** Which operations of one of IBM's clients have succeeded, so that a suite can insist on all of them. */
import assert from 'node:assert/strict';

/** The client, noting the name of each operation of its class that answered. */
export function noteSuccesses<Client extends object>(
  client: Client,
  clientClass: { readonly prototype: object },
  succeeded: Set<string>,
): Client {
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || typeof name !== 'string' || !Object.hasOwn(clientClass.prototype, name)) return member;
      return async (...parameters: readonly unknown[]): Promise<unknown> => {
        const response: unknown = await Reflect.apply(member, target, parameters);
        succeeded.add(name);
        return response;
      };
    },
  });
}

/** Insists that every operation succeeded at least once. */
export function assertAllSucceeded(operations: readonly string[], succeeded: ReadonlySet<string>): void {
  assert.deepEqual(
    operations.filter((operation) => !succeeded.has(operation)),
    [],
  );
}
