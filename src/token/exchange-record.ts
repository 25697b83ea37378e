/** What the audit record of an exchange says of the question that was asked, as it is written and as it is read back. */
import { checkSelector, type Selector } from './selector.ts';

/** The action of the audit events of exchanges. */
export const EXCHANGE_ACTION = 'iam-identity.computeresource-token.login';

/** The pod that a record describes; `cluster` is the cluster's CRN. */
export interface RecordedPod {
  readonly cluster: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string | undefined;
}

export interface RecordedExchange {
  readonly selector: Selector;
  readonly cluster: string;
  /** Undefined for a token that was refused for what it said, before it stood for a pod. */
  readonly pod: RecordedPod | undefined;
  /** The header `ibm-cloud-tenant`. */
  readonly tenants: string | undefined;
}

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;
const text = (members: Members, name: string): string | undefined => {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** Reads the `requestData` of an exchange's event; undefined where it is none, or where a selector was too long to be kept whole. */
export function readExchangeRecord(requestData: unknown): RecordedExchange | undefined {
  if (!isMembers(requestData) || !isMembers(requestData.selector)) return undefined;
  const { selector: asked } = requestData;
  const selector: Selector = { id: text(asked, 'id'), name: text(asked, 'name'), crn: text(asked, 'crn') };
  const [cluster, namespace, serviceAccount] = [
    text(requestData, 'cluster'),
    text(requestData, 'namespace'),
    text(requestData, 'service_account'),
  ];
  if (cluster === undefined || !isWhole(selector)) return undefined;
  const pod =
    namespace === undefined || serviceAccount === undefined
      ? undefined
      : { cluster, namespace, serviceAccount, pod: text(requestData, 'pod') };
  return { selector, cluster, pod, tenants: text(requestData, 'tenants') };
}

function isWhole(selector: Selector): boolean {
  try {
    checkSelector(selector);
    return true;
  } catch {
    // A CRN that was cut for the record is no CRN any more.
    return false;
  }
}
