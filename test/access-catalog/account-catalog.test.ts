import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accountCatalog, createAccountCatalogs, EMPTY_MODEL } from '../../src/access/catalog/account-catalog.ts';
import { createCatalog } from '../../src/access/catalog/catalog.ts';
import { platformRoleCrn, serviceRoleCrn } from '../../src/access/catalog/roles.ts';
import { customRoleCrn } from '../../src/access/roles/custom-role.ts';
import { ACCOUNT, customRole, service } from './models.ts';

const base = createCatalog();
const READER = serviceRoleCrn('iam', 'Reader');
const MANAGER = serviceRoleCrn('iam', 'Manager');
const VIEWER = platformRoleCrn('Viewer');
const AUDITOR = serviceRoleCrn('orders', 'Auditor');

const orders = service(
  'orders',
  { Viewer: ['order.see'], Reader: ['order.read'], Manager: ['order.read', 'order.delete'], Auditor: ['audit.read'] },
  { Auditor: 'Order auditor' },
);
const catalog = accountCatalog(base, { services: [orders], customRoles: [] });
const names = (roles: readonly { readonly displayName: string }[]) => roles.map((role) => role.displayName);

describe('a registered service in the catalog of its account', () => {
  it('gives common roles their base set and what the service says', () => {
    assert.ok(catalog.actions(READER, 'orders').has('orders.order.read'));
    assert.ok(catalog.actions(READER, 'orders').has('iam.policy.read'));
    assert.equal(catalog.actions(READER, 'orders').has('orders.order.delete'), false);
    assert.ok(catalog.actions(VIEWER, 'orders').has('orders.order.see'));
    assert.equal(catalog.actions(VIEWER, 'orders').size, base.actions(VIEWER, 'unregistered').size + 1);
    const writer = serviceRoleCrn('iam', 'Writer');
    assert.deepEqual([...catalog.actions(writer, 'orders')], [...base.actions(writer, 'unregistered')]);
  });

  it('has roles of its own in both spellings, which give nothing elsewhere', () => {
    for (const crn of [AUDITOR, 'crn:v1:bluemix:public:orders::::role:Auditor']) {
      assert.deepEqual([...catalog.actions(crn, 'orders')], ['orders.audit.read']);
      assert.deepEqual(catalog.role(crn), { crn: AUDITOR, displayName: 'Order auditor', description: '' });
      for (const elsewhere of ['kms', 'order', 'orders2', '', 'unregistered'])
        assert.equal(catalog.actions(crn, elsewhere).size, 0, elsewhere);
    }
    assert.deepEqual(names(catalog.serviceRoles('orders')), ['Reader', 'Manager', 'Order auditor']);
    assert.equal(base.role(AUDITOR), undefined);
  });

  it('is a service with actions, and so are its children', () => {
    for (const name of ['orders', 'orders.archive', 'orders.archive.cold']) {
      assert.equal(catalog.serviceType(name), 'service');
      assert.equal(catalog.listedService(name), 'orders');
      assert.ok(catalog.actions(MANAGER, name).has('orders.order.delete'));
      assert.ok(catalog.serviceActions(name).has('orders.audit.read'));
    }
    assert.deepEqual([catalog.hasService('orders'), catalog.hasService('orders.archive'), catalog.hasService('kms')], [true, false, true]);
    assert.ok(catalog.serviceNames().includes('orders') && catalog.serviceNames().includes('kms'));
    assert.deepEqual(catalog.serviceGroups('orders'), []);
    assert.equal(catalog.serviceType('order'), undefined);
  });

  it('leaves the built-in services as they are', () => {
    for (const name of base.serviceNames()) {
      assert.equal(catalog.serviceType(name), base.serviceType(name));
      assert.deepEqual(catalog.serviceRoles(name), base.serviceRoles(name));
      assert.equal(catalog.actions(MANAGER, name), base.actions(MANAGER, name));
    }
  });

  it('does not shadow a built-in service, nor a child of one', () => {
    const shadow = service('kms', { Reader: ['secrets.delete'], Own: ['x.y'] }, { Own: 'Own' });
    const child = service('kms.vault', { Reader: ['secrets.delete'] });
    const same = accountCatalog(base, { services: [shadow, child], customRoles: [] });
    assert.equal(same, base);
    const beside = accountCatalog(base, { services: [orders, shadow, child], customRoles: [] });
    assert.equal(beside.actions(READER, 'kms').has('kms.secrets.delete'), false);
    assert.equal(beside.role(serviceRoleCrn('kms', 'Own')), undefined);
    assert.equal(beside.hasService('kms.vault'), false);
  });

  it('is told apart from a child that is registered too', () => {
    const archive = service('orders.archive', { Reader: ['box.read'], Auditor: ['box.audit'] }, { Auditor: 'Archive auditor' });
    const both = accountCatalog(base, { services: [orders, archive], customRoles: [] });
    assert.ok(both.actions(READER, 'orders.archive').has('orders.archive.box.read'));
    assert.equal(both.actions(READER, 'orders.archive').has('orders.order.read'), false);
    assert.equal(both.actions(AUDITOR, 'orders.archive').size, 0);
    assert.equal(both.actions(serviceRoleCrn('orders.archive', 'Auditor'), 'orders').size, 0);
  });

  it('may be called like a member of every object', () => {
    const odd = accountCatalog(base, { services: [service('constructor', { Reader: ['x.y'] })], customRoles: [] });
    assert.ok(odd.actions(READER, 'constructor').has('constructor.x.y'));
    for (const name of ['__proto__', 'toString', 'valueof']) assert.equal(odd.serviceType(name), undefined);
    assert.equal(odd.role('__proto__'), undefined);
  });
});

describe('custom roles in the catalog of their account', () => {
  const clerk = customRole('Clerk', 'orders', ['iam.policy.read', 'orders.order.read', 'orders.order.forget'], 'Order clerk');
  const keys = customRole('KeyLister', 'kms', ['kms.secrets.list'], 'Key lister');
  const custom = accountCatalog(base, { services: [orders], customRoles: [clerk, keys] });
  const CLERK = customRoleCrn(ACCOUNT, 'Clerk');

  it('give the actions that their service still defines, on it and its children only', () => {
    assert.deepEqual([...custom.actions(CLERK, 'orders')], ['iam.policy.read', 'orders.order.read']);
    assert.deepEqual([...custom.actions(CLERK, 'orders.archive')], ['iam.policy.read', 'orders.order.read']);
    for (const name of ['kms', 'order', '', 'iam']) assert.equal(custom.actions(CLERK, name).size, 0, name);
    assert.deepEqual([...custom.actions(customRoleCrn(ACCOUNT, 'KeyLister'), 'kms')], ['kms.secrets.list']);
    assert.equal(custom.actions(customRoleCrn('b'.repeat(32), 'Clerk'), 'orders').size, 0);
  });

  it('give no action of a service that is gone', () => {
    const gone = accountCatalog(base, { services: [], customRoles: [clerk] });
    assert.deepEqual([...gone.actions(CLERK, 'orders')], ['iam.policy.read']);
  });

  it('are listed for the service that they count on', () => {
    const listed = (name: string | undefined) => names(custom.customRoles(name));
    assert.deepEqual(listed('orders'), ['Order clerk']);
    assert.deepEqual(listed('orders.archive'), ['Order clerk']);
    assert.deepEqual(listed('kms'), ['Key lister']);
    assert.deepEqual(listed('messagehub'), []);
    assert.deepEqual(listed(undefined), ['Order clerk', 'Key lister']);
    assert.equal(custom.customRoles('kms')[0]?.custom, keys);
    assert.equal(custom.role(CLERK)?.displayName, 'Order clerk');
  });
});

describe('the catalogs of accounts', () => {
  it('are computed once for a model, and are the built-in one where nothing is added', () => {
    const catalogs = createAccountCatalogs(base);
    assert.equal(catalogs(EMPTY_MODEL), base);
    const model = { services: [orders], customRoles: [] };
    assert.equal(catalogs(model), catalogs(model));
    assert.notEqual(catalogs({ services: [orders], customRoles: [] }), catalogs(model));
  });

  it('do not change', () => {
    const actions = catalog.actions(READER, 'orders') as Set<string>;
    assert.throws(() => actions.add('orders.order.delete'), TypeError);
    assert.throws(() => Object.assign(catalog, { actions: () => actions }), TypeError);
  });

  it('know which roles have an action', () => {
    const custom = accountCatalog(base, { services: [orders], customRoles: [customRole('Clerk', 'orders', ['orders.order.read'])] });
    assert.deepEqual(names(custom.rolesWithAction('orders.order.read', 'orders')), ['Reader', 'Manager', 'Clerk']);
    assert.deepEqual(names(custom.rolesWithAction('orders.audit.read', 'orders.archive')), ['Order auditor']);
    assert.deepEqual(names(custom.rolesWithAction('orders.order.read', 'kms')), []);
    assert.deepEqual(names(custom.rolesWithAction('iam.role.assign', 'unregistered')), ['Administrator']);
    const everybody = ['Viewer', 'Operator', 'Editor', 'Administrator', 'Reader', 'Writer', 'Manager'];
    assert.deepEqual(names(custom.rolesWithAction('iam.policy.read', 'unregistered')), everybody);
    assert.deepEqual(names(base.rolesWithAction('iam-identity.serviceid.create', 'iam-identity')), ['Service ID creator']);
    assert.deepEqual(base.rolesWithAction('__proto__', 'kms'), []);
  });
});
