import type { Db } from '../schema.ts';

/** Name and e-mail of an identity of the account, whichever kind its id says it is. */
export async function findIdentity(
  db: Db,
  accountId: string,
  iamId: string,
): Promise<{ readonly name: string; readonly email?: string } | undefined> {
  const id = iamId.slice('iam-'.length);
  if (iamId.startsWith('iam-Profile-')) {
    return db.selectFrom('profiles').select('name').where('accountId', '=', accountId).where('id', '=', id).executeTakeFirst();
  }
  if (iamId.startsWith('iam-ServiceId-')) {
    return db.selectFrom('serviceIds').select('name').where('accountId', '=', accountId).where('id', '=', id).executeTakeFirst();
  }
  const users = db.selectFrom('users').select(['name', 'email']).where('accountId', '=', accountId);
  return users.where('iamId', '=', iamId).executeTakeFirst();
}
