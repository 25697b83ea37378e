/** Templates of account settings write nothing into an account: its effective settings take those that are assigned to it into account. */
import { refuseExcess } from '../../kernel/limits.ts';
import type { Tx } from '../deps.ts';
import type { Deployment } from './deployment.ts';

/** How many may have a say in the settings of one account: they are weighed whenever the settings are asked for. */
const MAX_ASSIGNED = 10;

function tellAccount(tx: Tx, accountId: string, requestData: Readonly<Record<string, unknown>>): void {
  tx.changed({ accountId, kind: 'account', id: accountId });
  tx.event({
    action: 'iam-identity.account-settings.update',
    accountId,
    target: { id: accountId, typeURI: 'iam-identity/account-settings' },
    requestData,
  });
}

export const accountSettingsDeployment: Deployment<'account_settings'> = {
  refuseExcess: () => undefined,
  requireComplete: () => undefined,
  async prepare(tx, _context, { version, assignmentId, account }) {
    const assigned = await tx.listAssignedTemplates(account.id);
    if (!assigned.some(({ templateId }) => templateId === version.templateId)) {
      refuseExcess('account settings templates assigned to the account', assigned.length + 1, MAX_ASSIGNED);
    }
    return async () => {
      const { templateId, version: number, document } = version;
      tellAccount(tx, account.id, { operation: 'assign', templateId, version: number, assignmentId, settings: document });
      return {};
    };
  },
  async remove(tx, _context, { id, templateId, templateVersion }, { target }) {
    tellAccount(tx, target, { operation: 'remove', templateId, version: templateVersion, assignmentId: id });
  },
};
