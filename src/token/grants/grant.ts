/** What a grant is: a name, the parameters it sees, and a handler. A new grant is a new file and a row in `../grants.ts`. */
import type { RequestInfo } from '../../kernel/caller.ts';
import type { Parameters } from '../form.ts';

export interface GrantRequest {
  readonly parameters: Parameters;
  /** The client that Basic authentication named, or `default`. */
  readonly clientId: string;
  /** The scope to issue: `ibm openid` with the names that were asked for. */
  readonly scope: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly info: RequestInfo;
}

export interface Issued {
  readonly accessToken: string;
  /** Seconds since the epoch; the token's `exp`. */
  readonly expiration: number;
  readonly expiresIn: number;
  readonly scope: string;
}

export interface Grant {
  readonly grantType: string;
  handle(request: GrantRequest): Promise<Issued>;
}
