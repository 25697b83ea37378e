-- One row: this installation. Its presence is what `init` makes and what `serve` insists on.
CREATE TABLE installation (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  master_key_check TEXT NOT NULL,
  wrapped_secret TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- The order of all changes. The row is locked to the end of every mutation, so `seq` has no holes.
CREATE TABLE feed_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch TEXT NOT NULL,
  seq BIGINT NOT NULL,
  chain_seq BIGINT NOT NULL,
  chain_hash TEXT NOT NULL
);

CREATE TABLE changes (
  seq BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  PRIMARY KEY (seq, account_id, kind, object_id)
);

CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  public_jwk TEXT NOT NULL,
  wrapped_private_key TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  owner_iam_id TEXT NOT NULL,
  parent_account_id TEXT,
  state TEXT NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE users (
  account_id TEXT NOT NULL,
  iam_id TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, iam_id)
);
CREATE INDEX users_iam_id ON users (iam_id);

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  iam_id TEXT NOT NULL,
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  locked INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  expires_at BIGINT,
  entity_tag TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);
CREATE INDEX api_keys_owner ON api_keys (account_id, iam_id);

CREATE TABLE profiles (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  email TEXT,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  UNIQUE (account_id, name)
);
CREATE INDEX profiles_order ON profiles (account_id, created_at, id);

CREATE TABLE links (
  id TEXT PRIMARY KEY,
  profile_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  label TEXT,
  cr_type TEXT NOT NULL,
  crn TEXT NOT NULL,
  crn_account_id TEXT,
  target TEXT NOT NULL,
  target_key TEXT NOT NULL,
  namespace TEXT,
  service_account TEXT,
  match_service_account TEXT,
  match_enabled INTEGER NOT NULL,
  is_cross_account INTEGER,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  UNIQUE (profile_id, target_key)
);
CREATE INDEX links_account ON links (account_id, profile_id);
CREATE INDEX links_crn ON links (crn);
CREATE INDEX links_crn_account ON links (crn_account_id);

-- What changed in the life of an object, as the identity API shows it.
CREATE TABLE history (
  object_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  iam_id TEXT NOT NULL,
  iam_id_account TEXT NOT NULL,
  action TEXT NOT NULL,
  params TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (object_id, seq)
);

-- How often and when last an identity was given a token.
CREATE TABLE activity (
  identity TEXT PRIMARY KEY,
  authn_count BIGINT NOT NULL,
  last_authn BIGINT NOT NULL
);

CREATE TABLE access_groups (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  description TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  last_modified_at BIGINT NOT NULL,
  last_modified_by_id TEXT NOT NULL,
  UNIQUE (account_id, name_folded)
);

CREATE TABLE group_members (
  group_id TEXT NOT NULL,
  iam_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  type TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  PRIMARY KEY (group_id, iam_id)
);
CREATE INDEX group_members_identity ON group_members (account_id, iam_id);

CREATE TABLE policies (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  type TEXT NOT NULL,
  subject_key TEXT NOT NULL,
  document TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  state TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  last_modified_at BIGINT NOT NULL,
  last_modified_by_id TEXT NOT NULL
);
CREATE INDEX policies_account ON policies (account_id, state, created_at, id);
CREATE INDEX policies_subject ON policies (account_id, subject_key);
CREATE INDEX policies_fingerprint ON policies (account_id, fingerprint);

CREATE TABLE service_operators (
  account_id TEXT NOT NULL,
  service_name TEXT NOT NULL,
  iam_id TEXT NOT NULL,
  PRIMARY KEY (account_id, service_name, iam_id)
);

CREATE TABLE clusters (
  id TEXT PRIMARY KEY,
  crn TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  type TEXT NOT NULL,
  region TEXT NOT NULL,
  version TEXT NOT NULL,
  created_version TEXT,
  resource_group_id TEXT,
  issuers TEXT NOT NULL,
  trust_mode TEXT NOT NULL,
  ca_bundle TEXT,
  link_name_may_be_cluster_name INTEGER NOT NULL,
  state TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  keys_fetched_at BIGINT NOT NULL,
  keys_error TEXT,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  UNIQUE (account_id, name)
);

-- Every key that a cluster is trusted by. No two clusters share an (issuer, thumbprint) pair.
CREATE TABLE cluster_keys (
  issuer TEXT NOT NULL,
  thumbprint TEXT NOT NULL,
  cluster_id TEXT NOT NULL,
  kid TEXT,
  jwk TEXT NOT NULL,
  PRIMARY KEY (issuer, thumbprint)
);
CREATE INDEX cluster_keys_cluster ON cluster_keys (cluster_id);

-- Ids of clusters that are gone: never given again.
CREATE TABLE retired_cluster_ids (
  id TEXT PRIMARY KEY,
  retired_at BIGINT NOT NULL
);

-- Single-use values (registration nonces), as keyed hashes.
CREATE TABLE single_use (
  value_hash TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  account_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX single_use_expiry ON single_use (expires_at);

-- The chain of changes, in feed order.
CREATE TABLE audit_changes (
  seq BIGINT PRIMARY KEY,
  feed_seq BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  record TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_changes_account ON audit_changes (account_id, at);
CREATE INDEX audit_changes_request ON audit_changes (request_id);
CREATE INDEX audit_changes_transaction ON audit_changes (transaction_id);

-- The chains of high-rate records (exchanges, refusals), one per writer.
CREATE TABLE audit_writers (
  writer_id TEXT PRIMARY KEY,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  last_seq BIGINT,
  last_hash TEXT
);

CREATE TABLE audit_records (
  writer_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  record TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (writer_id, seq)
);
CREATE INDEX audit_records_account ON audit_records (account_id, at);
CREATE INDEX audit_records_request ON audit_records (request_id);
CREATE INDEX audit_records_transaction ON audit_records (transaction_id);
