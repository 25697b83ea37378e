import type { AccountReads, AccountWrites } from '../../identity/accounts/account-store.ts';
import type { Db } from '../schema.ts';

export function accountReads(db: Db): AccountReads {
  return {
    findAccount: (id) => db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst(),
    findUser: (accountId, iamId) =>
      db.selectFrom('users').selectAll().where('accountId', '=', accountId).where('iamId', '=', iamId).executeTakeFirst(),
  };
}

export function accountWrites(db: Db): AccountWrites {
  return {
    async insertAccount(account) {
      await db.insertInto('accounts').values(account).execute();
    },
    async insertUser(user) {
      await db.insertInto('users').values(user).execute();
    },
  };
}
