import type { Account, User } from './account.ts';

export interface AccountReads {
  findAccount(id: string): Promise<Account | undefined>;
  findUser(accountId: string, iamId: string): Promise<User | undefined>;
}

export interface AccountWrites {
  insertAccount(account: Account): Promise<void>;
  insertUser(user: User): Promise<void>;
}
