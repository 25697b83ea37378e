/**
 * The one error table. A `DomainError` carries a stable code; the row says its status and how each family of
 * endpoints spells it on the wire. `detail` and `cause` are for the log and the audit record, never for the caller.
 */

/** What one API family writes into its envelope for a code. */
export interface WireCode {
  readonly code: string;
  /** `message_code` of the identity API. */
  readonly messageCode?: string;
  /** `type` of the clusters API. */
  readonly type?: string;
}

export interface ErrorRow {
  readonly status: number;
  /** Sentence for the caller where the error brings none of its own. */
  readonly text: string;
  readonly token: string;
  readonly identity: WireCode;
  readonly groups: string;
  readonly policies: string;
  readonly clusters: WireCode;
}

const row = (
  status: number,
  text: string,
  token: string,
  identity: readonly [code: string, messageCode: string],
  groups: string,
  policies: string,
  clusters: readonly [code: string, type: string],
): ErrorRow =>
  Object.freeze({
    status,
    text,
    token,
    identity: { code: identity[0], messageCode: identity[1] },
    groups,
    policies,
    clusters: { code: clusters[0], type: clusters[1] },
  });

const GENERAL_400 = ['G0400', 'General'] as const;
const GENERAL_409 = ['G0409', 'General'] as const;
const GENERAL_500 = ['G0500', 'General'] as const;
const UNAUTHENTICATED = ['A0001', 'Authentication'] as const;

/* biome-ignore format: one row per code reads better as a table */
export const ERRORS = {
  no_authorization: row(401, 'No authorization header found.', 'BXNIM0308E', ['invalid_access_token', 'BXNIM0308E'], 'invalid_token', 'invalid_token', UNAUTHENTICATED),
  invalid_token: row(401, 'The access token is not valid here: it must be one that this server issued and that has not expired.', 'PODP0401E', ['invalid_access_token', 'PODP0401E'], 'invalid_token', 'invalid_token', UNAUTHENTICATED),
  forbidden: row(403, 'You are not authorized to use this API.', 'BXNIM0513E', ['insufficient_permissions', 'BXNIM0513E'], 'insufficient_permissions', 'insufficent_permissions', ['A0403', 'Authentication']),
  missing_field: row(400, 'A required field is missing or empty.', 'BXNIM0109E', ['missing_parameter', 'BXNIM0109E'], 'missing_field', 'invalid_body', GENERAL_400),
  missing_query: row(400, 'A required query parameter is missing.', 'BXNIM0109E', ['missing_parameter', 'BXNIM0109E'], 'missing_field', 'missing_required_query_parameter', GENERAL_400),
  invalid_field: row(400, 'A value is not allowed.', 'BXNIM0106E', ['invalid_parameter', 'BXNIM0106E'], 'invalid_field', 'invalid_body', GENERAL_400),
  invalid_body: row(400, 'The body is not the JSON that this call expects.', 'BXNIM0106E', ['invalid_parameter', 'BXNIM0106E'], 'invalid_body', 'invalid_body', GENERAL_400),
  invalid_crn: row(400, 'The CRN is not well-formed.', 'BXNIM0113E', ['invalid_parameter', 'BXNIM0113E'], 'invalid_field', 'invalid_body', GENERAL_400),
  reserved_value: row(400, 'The value is reserved.', 'BXNIM0106E', ['invalid_parameter', 'BXNIM0106E'], 'reserved_value', 'invalid_body', GENERAL_400),
  not_found: row(404, 'The object was not found.', 'BXNIM0102E', ['not_found', 'BXNIM0102E'], 'not_found', 'not_found', ['G0004', 'General']),
  policy_not_found: row(404, 'The policy was not found.', 'BXNIM0102E', ['not_found', 'BXNIM0102E'], 'not_found', 'policy_not_found', ['G0004', 'General']),
  role_not_found: row(404, 'The role was not found.', 'BXNIM0102E', ['not_found', 'BXNIM0102E'], 'not_found', 'role_not_found', ['G0004', 'General']),
  cluster_not_visible: row(404, 'The cluster could not be found with this login.', 'BXNIM0102E', ['not_found', 'BXNIM0102E'], 'not_found', 'not_found', ['A0006', 'Authentication']),
  method_not_allowed: row(405, 'The method is not allowed on this address.', 'BXNIM0060E', ['method_not_allowed', 'BXNIM0060E'], 'not_found', 'not_found', GENERAL_400),
  conflict: row(409, 'The object conflicts with one that exists.', 'PODP0409E', ['conflict', 'PODP0409E'], 'conflict', 'policy_conflict_error', GENERAL_409),
  role_conflict: row(409, 'The role conflicts with one that exists.', 'PODP0409E', ['conflict', 'PODP0409E'], 'conflict', 'role_conflict_error', GENERAL_409),
  etag_mismatch: row(409, 'The object has changed since it was read: read it again and repeat the change with its current entity tag.', 'PODP0412E', ['conflict', 'PODP0412E'], 'etag_mismatch', 'policy_conflict_error', GENERAL_409),
  group_not_empty: row(409, 'The group is not empty.', 'PODP0409E', ['conflict', 'PODP0409E'], 'group_not_empty', 'policy_conflict_error', GENERAL_409),
  body_too_large: row(413, 'The body is larger than this call accepts.', 'PODP0102E', ['invalid_parameter', 'PODP0102E'], 'invalid_body', 'invalid_body', GENERAL_400),
  unsupported_media: row(415, 'The content type or encoding is not supported.', 'PODP0102E', ['invalid_parameter', 'PODP0102E'], 'invalid_body', 'unsupported_content_type', GENERAL_400),
  limit_exceeded: row(422, 'A limit of the account is reached.', 'PODP0422E', ['limit_exceeded', 'PODP0422E'], 'quota_exceeded', 'unable_to_process', ['G0422', 'General']),
  invalid_state: row(422, 'The state of the object forbids this.', 'PODP0423E', ['invalid_state', 'PODP0423E'], 'invalid_state', 'unable_to_process', ['G0422', 'General']),
  template_committed: row(422, 'The version of the template is committed and cannot be changed.', 'BXNIM0908E', ['invalid_state', 'BXNIM0908E'], 'invalid_state', 'unable_to_process', ['G0422', 'General']),
  not_offered: row(501, 'This operation is not offered by this server.', 'PODP0511E', ['not_offered', 'PODP0511E'], 'not_offered', 'request_not_processed', ['G0501', 'General']),
  too_many_requests: row(429, 'Too many requests; repeat after the time that Retry-After names.', 'PODP0429E', ['too_many_requests', 'PODP0429E'], 'too_many_requests', 'too_many_requests', GENERAL_500),
  unavailable: row(503, 'The service is not able to answer right now; repeat after the time that Retry-After names.', 'PODP0500E', ['unavailable', 'PODP0500E'], 'unavailable', 'request_not_processed', GENERAL_500),
  keys_unavailable: row(503, 'The keys of the cluster are being fetched; repeat after the time that Retry-After names.', 'PODP0501E', ['unavailable', 'PODP0501E'], 'unavailable', 'request_not_processed', GENERAL_500),
  internal: row(500, 'An unexpected error occurred; the transaction id finds it in the log.', 'PODP0001E', ['internal_error', 'PODP0001E'], 'internal_error', 'request_not_processed', GENERAL_500),
  // The token endpoint's own: texts are IBM's, clients compare them.
  property_missing: row(400, 'Property missing or empty.', 'BXNIM0109E', ['missing_parameter', 'BXNIM0109E'], 'missing_field', 'invalid_body', GENERAL_400),
  grant_not_supported: row(400, 'Grant type is not supported.', 'PODP0101E', ['invalid_parameter', 'PODP0101E'], 'invalid_field', 'invalid_body', GENERAL_400),
  scope_not_supported: row(400, 'Scope is not supported.', 'PODP0103E', ['invalid_parameter', 'PODP0103E'], 'invalid_field', 'invalid_body', GENERAL_400),
  token_malformed: row(400, 'Provided token is malformed', 'BXNIM0401E', ['invalid_parameter', 'BXNIM0401E'], 'invalid_field', 'invalid_body', GENERAL_400),
  token_not_supported: row(400, 'Provided token is not supported', 'BXNIM0405E', ['invalid_parameter', 'BXNIM0405E'], 'invalid_field', 'invalid_body', GENERAL_400),
  profile_not_eligible: row(400, 'Selected trusted profile not eligible for CR token.', 'BXNIM0398E', ['invalid_parameter', 'BXNIM0398E'], 'invalid_field', 'invalid_body', GENERAL_400),
  apikey_not_found: row(400, 'Provided API key could not be found.', 'BXNIM0415E', ['invalid_parameter', 'BXNIM0415E'], 'invalid_field', 'invalid_body', GENERAL_400),
  apikey_locked: row(400, 'Provided API key is disabled or expired.', 'BXNIM0462E', ['invalid_parameter', 'BXNIM0462E'], 'invalid_field', 'invalid_body', GENERAL_400),
  address_not_permitted: row(401, 'User login from given IP address is not permitted.', 'BXNIM0430E', ['invalid_access_token', 'BXNIM0430E'], 'invalid_token', 'invalid_token', UNAUTHENTICATED),
  client_not_found: row(401, 'The provided client could not be found', 'BXNIM0310E', ['invalid_access_token', 'BXNIM0310E'], 'invalid_token', 'invalid_token', UNAUTHENTICATED),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  /** Sentence for the caller; the row's text where absent. */
  readonly message?: string;
  /** Further words for the caller: names the field, what came and what was expected. Never a secret, never a token. */
  readonly details?: string;
  /** Members for the envelope of policy management (`details.conflicts_with`). */
  readonly conflictsWith?: Readonly<Record<string, unknown>>;
  /** Seconds for the `Retry-After` header. */
  readonly retryAfterSeconds?: number;
  /** For the `Allow` header of a `method_not_allowed`; `POST` where absent. */
  readonly allow?: string;
  /** For the log and the audit record only. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** An error that the caller can do something about, or must be told of. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly details: string | undefined;
  readonly conflictsWith: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly allow: string | undefined;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.message ?? ERRORS[code].text, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.conflictsWith = options.conflictsWith;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.allow = options.allow;
    this.detail = options.detail;
  }

  get row(): ErrorRow {
    return ERRORS[this.code];
  }
}

export function isForbidden(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'forbidden';
}
