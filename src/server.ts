/** The composition root: the only place where concrete things meet. */
import { createHmac, randomUUID } from 'node:crypto';
import { createCatalog } from './access/catalog/catalog.ts';
import { createDecisions } from './access/decisions/decide.ts';
import { createDecisionApis } from './access/decisions/decision-apis.ts';
import type { FindInstance } from './access/decisions/decision-point.ts';
import { createDelegation } from './access/decisions/delegation.ts';
import { createGuards } from './access/decisions/guard.ts';
import { createPermitCounts } from './access/decisions/permit-counts.ts';
import { type StoredPolicy, toEvaluatedPolicy } from './access/policies/policy.ts';
import { printPolicyV1, printPolicyV2 } from './access/policies/policy-printing.ts';
import { createPolicyService } from './access/policies/policy-service.ts';
import { createRoleService } from './access/roles/role-service.ts';
import { accessRoutes } from './access/routes.ts';
import { serviceRoutes } from './access/services/service-routes.ts';
import { createAccessSettingsService } from './access/settings/access-settings-service.ts';
import type { AuditEvent } from './audit/events.ts';
import { createRecorder, lastingRecord } from './audit/recorder.ts';
import { auditRoutes } from './audit/routes.ts';
import { createClusterDirectory } from './clusters/directory.ts';
import { createKeyRefresh, keysAreUsable } from './clusters/key-refresh.ts';
import { clusterRoutes } from './clusters/routes.ts';
import { createClusterService } from './clusters/service.ts';
import { explainRoutes } from './explain/explain-routes.ts';
import { groupRoutes } from './groups/routes.ts';
import { freePort } from './http/free-port.ts';
import { createHttpServer } from './http/server.ts';
import { reachesAnyCluster } from './identity/profiles/claim-rule.ts';
import { identityRoutes } from './identity/routes.ts';
import { systemContext } from './identity/system-caller.ts';
import { API_KEY_PURPOSE, apiKeyHasher, SECRET_PURPOSE } from './installation.ts';
import type { RequestInfo } from './kernel/caller.ts';
import { type Clock, createSystemClock } from './kernel/clock.ts';
import { createCursors } from './kernel/cursor.ts';
import { createIds } from './kernel/ids.ts';
import { limitsNamed } from './kernel/limits.ts';
import type { Log } from './kernel/log.ts';
import { open } from './kernel/route.ts';
import type { Secret } from './kernel/secret.ts';
import { createIssuerDocuments } from './kube/issuer-documents.ts';
import type { Config } from './ops/config.ts';
import { openEmbeddedStore, type Store } from './store/embedded/store.ts';
import { verifyAccessToken } from './token/access-token.ts';
import { createEarlyRefusals } from './token/early-refusals.ts';
import { createTokenEndpoint } from './token/endpoint.ts';
import { createApiKeyGrant } from './token/grants/apikey.ts';
import { createCrTokenGrant } from './token/grants/cr-token.ts';
import { createIssue } from './token/issue.ts';
import { createRefusalBudget } from './token/refusal-budget.ts';
import { tokenRoutes } from './token/routes.ts';
import { createSealer } from './token/sealing.ts';
import { openKeyRing } from './token/signing-keys.ts';
import { createViews } from './view/views.ts';

export interface ServerOptions {
  readonly config: Config;
  readonly masterKey: Secret<Buffer>;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface PodpassServer {
  /** Where it listens, e.g. `http://127.0.0.1:8431`. */
  readonly url: string;
  /** The address that clients know it by. */
  readonly publicUrl: string;
  readonly issuer: string;
  /** How many exchanges were refused, by reason, since the start. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Finishes what is in flight and closes the store. */
  close(): Promise<void>;
}

function splitAddress(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) };
}

/** Opens the installation in the data directory and serves it. Throws errors whose message is a sentence for the operator. */
export async function startServer({ config, masterKey, log, clock = createSystemClock() }: ServerOptions): Promise<PodpassServer> {
  const store = await openEmbeddedStore({ dataDir: config.data_dir, mode: 'open', clock });
  try {
    return await serve(store, { config, masterKey, log, clock });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function serve(store: Store, { config, masterKey, log, clock }: Required<ServerOptions>): Promise<PodpassServer> {
  const ids = createIds();
  const installation = await store.findInstallation();
  if (!installation) throw new Error(`The store in ${config.data_dir} holds no installation. Make one with 'podpass init'.`);
  const sealer = createSealer(masterKey, installation.id);
  sealer.verifyCheck(installation.masterKeyCheck);
  const secret = sealer.open(SECRET_PURPOSE, installation.id, installation.wrappedSecret);
  const hashApiKey = apiKeyHasher(secret);
  const cursors = createCursors(createHmac('sha256', secret).update('cursors').digest());
  const ring = openKeyRing(sealer, await store.listSigningKeys());
  const keyRing = () => ring;

  const directory = createClusterDirectory();
  const views = await createViews(store.views, directory);
  store.afterCommit(() => views.catchUp());
  await store.openChain(randomUUID());
  const recorder = createRecorder(store, (error, records) =>
    log.error(
      { records, detail: (error as { detail?: string }).detail, cause: String(error.cause ?? error) },
      'audit records could not be made durable; nothing was issued for them',
    ),
  );
  const refusals = new Map<string, number>();
  const onRefusal = (reason: string) => void refusals.set(reason, (refusals.get(reason) ?? 0) + 1);

  // Known only once the socket listens, unless they are configured.
  let publicUrl = config.public_url?.replace(/\/+$/, '') ?? `http://${config.listen}`;
  const address = splitAddress(config.listen);
  if (address.port === 0) address.port = await freePort(address.host);
  if (config.public_url === undefined)
    publicUrl = `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
  const issuer = config.issuer ?? `${publicUrl}/identity`;
  const publicAddress = () => publicUrl;

  const budget = createRefusalBudget();
  const catalog = createCatalog();
  const decisions = createDecisions(catalog, clock);
  const stop = new AbortController();
  const permits = createPermitCounts({
    write: store.addPermits,
    onError: (error) => log.warn({ cause: String(error) }, 'the counts of permits could not be written; they are kept'),
    clock,
    signal: stop.signal,
  });
  const findAccess = (accountId: string) => views.get(accountId);
  function recordRefusal(event: AuditEvent, info: RequestInfo, culprit: string): void {
    const { accountId, action } = event;
    const at = clock.now();
    // Whoever asks again and again for what is refused fills nobody's log.
    const { record: isRecorded, suppressed } = budget.take(`${accountId}\n${culprit}\n${action}`, at);
    if (!isRecorded) return;
    const told = { ...event, responseData: { ...event.responseData, ...(suppressed > 0 && { suppressed }) } };
    const record = lastingRecord(told, info, at);
    const kept = async () => {
      recorder.reserve();
      await recorder.record(record);
    };
    kept().catch((error: unknown) => log.error({ request_id: info.requestId, cause: String(error) }, 'a refusal could not be recorded'));
  }
  const guards = createGuards({
    decisions,
    findAccess,
    countPermits: permits.count,
    recordRefusal,
  });
  const { guard, mayDo } = guards;
  const limits = limitsNamed(config['limits.set']);
  const mutate = store.mutate;
  const documents = createIssuerDocuments();
  const findCatalog = async (accountId: string) => decisions.catalogOf(accountId === '' ? undefined : await findAccess(accountId));
  const evaluated = async (policies: Promise<readonly StoredPolicy[]>) => (await policies).map(toEvaluatedPolicy);
  const delegation = createDelegation({
    decisions,
    findAccess,
    guard,
    policiesOf: (accountId, subjectKey) => evaluated(store.reads.listActivePoliciesOf(accountId, subjectKey)),
    policiesWithRole: (accountId, roleId) => evaluated(store.reads.listPoliciesWithRole(accountId, roleId)),
    now: () => clock.now(),
  });
  const shared = { reads: store.reads, mutate, guard, mayDo, clock, ids, limits };

  const keyRefresh = createKeyRefresh({
    reads: store.reads,
    mutate,
    documents,
    clock,
    systemContext: () => systemContext(ids, installation.accountId),
    onError: (cluster, error) =>
      log.warn(
        { cluster: cluster.crn, cause: error instanceof Error ? error.message : String(error) },
        'the keys of a cluster could not be refreshed',
      ),
  });
  keyRefresh.start(() => directory.all(), stop.signal);

  const issue = createIssue({ issuer, clock, ids, keyRing, recorder, views, undisturbed: store.undisturbed });
  const grants = [
    createCrTokenGrant({
      verification: {
        directory,
        rules: {
          maxLifetimeSeconds: (audience) =>
            audience === 'vault' ? config['token.max_lifetime_seconds_vault'] : config['token.max_lifetime_seconds'],
        },
        bringForward: keyRefresh.bringForward,
        keysAreUsable,
      },
      views,
      recorder,
      budget,
      clock,
      issue,
      onRefusal,
    }),
    createApiKeyGrant({
      findApiKeyByHash: store.reads.findApiKeyByHash,
      findServiceId: store.reads.findServiceId,
      hashApiKey,
      views,
      recorder,
      budget,
      clock,
      issue,
      onRefusal,
    }),
  ];

  const earlyRefusals = createEarlyRefusals(clock);
  const findInstance: FindInstance = (accountId, serviceName, instance) => {
    const cluster = serviceName === 'containers-kubernetes' ? directory.get(instance) : undefined;
    if (cluster?.accountId !== accountId) return undefined;
    return cluster.resourceGroupId === null ? {} : { resourceGroupId: cluster.resourceGroupId };
  };
  const routes = [
    ...tokenRoutes({
      endpoint: createTokenEndpoint({ grants, isScope: (name) => catalog.hasService(name), onRefused: earlyRefusals.add }),
      keyRing,
      issuer,
      publicUrl: publicAddress,
      grantTypes: grants.map((grant) => grant.grantType),
    }),
    ...identityRoutes({
      ...shared,
      guardConferral: delegation.guardConferral,
      findCluster: directory.findByCrn,
      installationAccountId: installation.accountId,
      hashApiKey,
      sealApiKey: (keyId, value) => sealer.seal(API_KEY_PURPOSE, keyId, Buffer.from(value)),
      openApiKey: (keyId, sealed) => sealer.open(API_KEY_PURPOSE, keyId, sealed).toString(),
      cursors,
      publicUrl: publicAddress,
    }),
    ...groupRoutes({
      ...shared,
      installationAccountId: installation.accountId,
      whyNotConfer: delegation.whyNotConfer,
      guardConferral: delegation.guardConferral,
      publicUrl: publicAddress,
    }),
    ...accessRoutes({
      policies: createPolicyService({
        ...shared,
        guards,
        findCatalog,
        async print(policy, apiVersion) {
          const context = { catalog: await findCatalog(policy.accountId), publicUrl };
          return apiVersion === 1 ? printPolicyV1(policy, context) : printPolicyV2(policy, context);
        },
      }),
      roles: createRoleService({ ...shared, findCatalog, whyNotWiden: delegation.whyNotWiden }),
      settings: createAccessSettingsService(shared),
      ...createDecisionApis({
        decisions,
        findAccess,
        clock,
        recorder,
        recordRefusal,
        countPermits: permits.count,
        kept: config['audit.decisions'],
        onError: (error, info) => log.error({ request_id: info.requestId, cause: String(error) }, 'a decision could not be recorded'),
        findInstance,
        listIdentities: async (accountId) => (await views.get(accountId))?.identities() ?? [],
        listInstances: (accountId, serviceName) =>
          serviceName === 'containers-kubernetes' ? directory.ofAccount(accountId).map((cluster) => cluster.id) : undefined,
        cursors,
      }),
      async findPermits(policyIds) {
        await permits.flush();
        return store.reads.findPermits(policyIds);
      },
      mayDo,
      findCatalog,
      cursors,
      publicUrl: publicAddress,
    }),
    ...serviceRoutes({ ...shared, catalog, whyNotWiden: delegation.whyNotWiden, cursors, publicUrl: publicAddress }),
    ...clusterRoutes(
      createClusterService({
        ...shared,
        documents,
        countRulesForAnyCluster: async (accountId) => (await store.reads.listComputeRules(accountId)).filter(reachesAnyCluster).length,
        allowUpdatedClusters: config['clusters.allow_updated'],
      }),
    ),
    ...auditRoutes({ audit: store.audit, guard }),
    ...explainRoutes({
      audit: store.audit,
      guard,
      mayDo,
      mayManage: guards.mayManage,
      decisions,
      findView: findAccess,
      findCatalog,
      findGroup: store.reads.findGroup,
      findIdentity: store.reads.findIdentity,
      hasSubject: store.reads.hasSubject,
      clusters: directory,
      clock,
      findInstance,
      earlyRefusals,
      installationAccountId: installation.accountId,
    }),
    ...(['/healthz', '/readyz'] as const).map((path) =>
      open({
        method: 'GET',
        path,
        family: 'identity',
        summary: 'Whether the process serves',
        handle: () => ({ status: 200, body: { status: 'ok' } }),
      }),
    ),
  ];

  const app = createHttpServer({
    routes,
    verifyCaller: (authorization) =>
      verifyAccessToken({ keyRing, issuer, ownAudience: publicUrl }, authorization, Math.floor(clock.now() / 1000)),
    publicUrl: publicAddress,
    clock,
    ids,
    log,
  });
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stop.abort();
    await app.close();
    await keyRefresh.settle();
    await recorder.drain();
    await permits.flush();
    await store.close();
    log.info({ refusals: Object.fromEntries(refusals) }, 'podpass has stopped');
  }
  const url = await app.listen({ host: address.host, port: address.port });
  log.info({ url, public_url: publicUrl, issuer, data_dir: config.data_dir, key: ring.activeKid }, 'podpass serves');
  return {
    url,
    publicUrl,
    issuer,
    refusals,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
