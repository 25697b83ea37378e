-- Policies of either API version, of access and of authorization. `deleted_at` begins the ten days in which one can be restored.
ALTER TABLE policies ADD COLUMN api_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE policies ADD COLUMN deleted_at BIGINT;
UPDATE policies SET deleted_at = last_modified_at WHERE state = 'deleted';
CREATE INDEX policies_deleted ON policies (deleted_at);

-- How often and when last a policy permitted something.
CREATE TABLE policy_permits (
  policy_id TEXT PRIMARY KEY,
  permits BIGINT NOT NULL,
  last_at BIGINT NOT NULL
);

CREATE TABLE custom_roles (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  service_name TEXT NOT NULL,
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  description TEXT,
  -- JSON, in the order in which they were sent; two roles of one service never have the same ones.
  actions TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  last_modified_at BIGINT NOT NULL,
  last_modified_by_id TEXT NOT NULL,
  UNIQUE (account_id, name),
  UNIQUE (account_id, service_name, display_name),
  UNIQUE (account_id, service_name, actions)
);

-- The access settings of an account whose defaults were changed.
CREATE TABLE access_settings (
  account_id TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  modified_at BIGINT NOT NULL,
  modified_by_id TEXT NOT NULL
);

-- Services that an account registered for itself; built-in ones need no row. Their operators are in service_operators.
CREATE TABLE services (
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  display_name TEXT,
  description TEXT,
  actions TEXT NOT NULL,
  roles TEXT NOT NULL,
  attributes TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  modified_at BIGINT NOT NULL,
  modified_by_id TEXT NOT NULL,
  PRIMARY KEY (account_id, name)
);

-- The access tags (key:value, a JSON list) of one instance of a service.
CREATE TABLE resource_tags (
  account_id TEXT NOT NULL,
  service_name TEXT NOT NULL,
  service_instance TEXT NOT NULL,
  tags TEXT NOT NULL,
  modified_at BIGINT NOT NULL,
  modified_by_id TEXT NOT NULL,
  PRIMARY KEY (account_id, service_name, service_instance)
);

-- Members of a group are listed in the order in which they joined.
CREATE INDEX group_members_joined ON group_members (group_id, created_at, iam_id);

-- Rules that make members of users when they sign in, and the members that they made; these end by themselves.
CREATE TABLE group_rules (
  id TEXT PRIMARY KEY,
  group_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT,
  expiration INTEGER NOT NULL,
  realm_name TEXT NOT NULL,
  conditions TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entity_tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by_id TEXT NOT NULL,
  last_modified_at BIGINT NOT NULL,
  last_modified_by_id TEXT NOT NULL
);
CREATE INDEX group_rules_group ON group_rules (group_id, created_at, id);
CREATE INDEX group_rules_realm ON group_rules (account_id, realm_name);

CREATE TABLE rule_members (
  rule_id TEXT NOT NULL,
  iam_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  realm_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (rule_id, iam_id)
);
CREATE INDEX rule_members_identity ON rule_members (account_id, iam_id);
CREATE INDEX rule_members_group ON rule_members (group_id, iam_id);

-- The group settings of an account whose defaults were changed.
CREATE TABLE group_settings (
  account_id TEXT PRIMARY KEY,
  public_access_enabled INTEGER NOT NULL,
  last_modified_at BIGINT NOT NULL,
  last_modified_by_id TEXT NOT NULL
);
