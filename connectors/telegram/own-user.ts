import { fullName, namesOf } from './peer-record.ts';
import type { StoredUser } from './stored-account.ts';
import type { TlObject } from './tl.ts';
import { longAt, textAt } from './tl-fields.ts';

/** What is kept of the account's own `user`, which Telegram may change at any time. */
export function describeUser(user: TlObject): Pick<StoredUser, 'id' | 'username' | 'name' | 'phone'> {
  const [username] = namesOf(user);
  const name = fullName(textAt(user, 'firstName'), textAt(user, 'lastName'));
  const phone = textAt(user, 'phone');
  return {
    id: String(longAt(user, 'id') ?? 0n),
    ...(username === undefined ? {} : { username }),
    ...(name === undefined ? {} : { name }),
    ...(phone === undefined ? {} : { phone }),
  };
}
