/** Who asks: the verified subject of an access token that Podpass issued. */
export interface Caller {
  readonly iamId: string;
  /** The account that the token was issued in (claim `account.bss`). */
  readonly accountId: string;
  readonly scope: string;
  readonly name: string;
  /** Id of the access token (claim `jti`), for the audit log. */
  readonly tokenId: string;
}

/** What is known about the request itself; goes into replies and audit records. */
export interface RequestInfo {
  /** Made by the server (header `x-request-id`); the key of every record. */
  readonly requestId: string;
  /** The caller's `Transaction-Id` where it is well-formed, else one of ours; a label, never a key. */
  readonly transactionId: string;
  readonly sourceAddress: string;
  readonly userAgent: string;
}
