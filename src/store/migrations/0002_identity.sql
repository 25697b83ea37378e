-- API keys as the identity API shows them. `sealed_value` is kept only for a service ID's key whose value was to be stored.
ALTER TABLE api_keys ADD COLUMN description TEXT;
ALTER TABLE api_keys ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE api_keys ADD COLUMN support_sessions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN action_when_leaked TEXT NOT NULL DEFAULT 'none';
ALTER TABLE api_keys ADD COLUMN sealed_value TEXT;
CREATE INDEX api_keys_order ON api_keys (account_id, created_at, id);
CREATE INDEX api_keys_expiry ON api_keys (account_id, expires_at);

-- What made the profile and what its account may still change of it, where an enterprise template did.
ALTER TABLE profiles ADD COLUMN managed_by TEXT;
CREATE INDEX links_order ON links (profile_id, created_at, id);

CREATE TABLE claim_rules (
  id TEXT PRIMARY KEY,
  profile_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT,
  type TEXT NOT NULL,
  realm_name TEXT,
  cr_type TEXT,
  expiration INTEGER NOT NULL,
  conditions TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);
CREATE INDEX claim_rules_profile ON claim_rules (profile_id, created_at, id);
CREATE INDEX claim_rules_account ON claim_rules (account_id, type);

-- Identities that may assume a profile, in the order in which they were given.
CREATE TABLE profile_identities (
  profile_id TEXT NOT NULL,
  type TEXT NOT NULL,
  identifier TEXT NOT NULL,
  position INTEGER NOT NULL,
  iam_id TEXT NOT NULL,
  accounts TEXT,
  description TEXT,
  PRIMARY KEY (profile_id, type, identifier)
);
CREATE INDEX profile_identities_order ON profile_identities (profile_id, position);
CREATE UNIQUE INDEX profile_identities_profile ON profile_identities (profile_id, iam_id);
CREATE INDEX profile_identities_iam_id ON profile_identities (iam_id);

CREATE TABLE service_ids (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  unique_instance_crns TEXT NOT NULL,
  locked INTEGER NOT NULL,
  -- The policy that makes its creator its administrator, where the creator was not one anyway.
  creator_policy_id TEXT,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);
CREATE INDEX service_ids_account ON service_ids (account_id);
CREATE INDEX service_ids_order ON service_ids (group_id, created_at, id);
CREATE INDEX service_ids_name ON service_ids (group_id, name);

-- The groups that were made; an account's default group needs no row.
CREATE TABLE service_id_groups (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  UNIQUE (account_id, name)
);

-- The settings of an account whose defaults were changed.
CREATE TABLE account_settings (
  account_id TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  modified_at BIGINT NOT NULL
);

CREATE TABLE preferences (
  account_id TEXT NOT NULL,
  iam_id TEXT NOT NULL,
  service TEXT NOT NULL,
  preference_id TEXT NOT NULL,
  value TEXT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, iam_id, service, preference_id)
);

-- Reports on activity and on multi-factor authentication; readable from `ready_at` on, for a day.
CREATE TABLE reports (
  reference TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ready_at BIGINT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX reports_account ON reports (account_id, kind, created_at);

-- Enterprise templates, of profiles and of account settings alike.
CREATE TABLE templates (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The number of the newest version that ever was: numbers are not given twice.
  last_version INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (account_id, kind, name)
);

CREATE TABLE template_versions (
  template_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  description TEXT,
  committed INTEGER NOT NULL,
  document TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  last_modified_at BIGINT NOT NULL,
  last_modified_by_id TEXT NOT NULL,
  PRIMARY KEY (template_id, version)
);

CREATE TABLE template_assignments (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id TEXT NOT NULL,
  template_id TEXT NOT NULL,
  template_version INTEGER NOT NULL,
  target_type TEXT NOT NULL,
  target TEXT NOT NULL,
  status TEXT NOT NULL,
  resources TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  last_modified_at BIGINT NOT NULL,
  last_modified_by_id TEXT NOT NULL,
  UNIQUE (template_id, target)
);
CREATE INDEX template_assignments_order ON template_assignments (account_id, kind, created_at, id);
CREATE INDEX template_assignments_template ON template_assignments (template_id, template_version);
CREATE INDEX template_assignments_target ON template_assignments (target, kind);

-- How many of a thing an account holds, for limits that are not worth a count of all rows.
CREATE TABLE usage_counts (
  account_id TEXT NOT NULL,
  thing TEXT NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (account_id, thing)
);
INSERT INTO usage_counts SELECT account_id, 'profiles', COUNT(*) FROM profiles GROUP BY account_id;
INSERT INTO usage_counts SELECT account_id, 'links', COUNT(*) FROM links GROUP BY account_id;
